"""A message leaves at most once, because its row is written under a fixed key before it is handed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.steps.step import Arm
from storage.database import Connection
from storage.queries import load

_SQL = load("deliveries")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """A message to take in hand. `state` is `handing_over`, or `failed` for one that could not be rendered."""

    key: str
    public_id: str
    workspace_id: int
    campaign_id: int
    version: int
    journey_id: int
    person_id: int
    block: str
    channel: str
    state: str
    recipient: str | None = None
    subject: str | None = None
    content: dict[str, Any] | None = None
    """As it is handed over."""
    address_key: str | None = None
    """The recipient's address in the form of `engine.addresses.address_key`, in which suppressions are kept."""
    failure: str | None = None
    attempts: int = 0
    """Hand-overs there have been, as far as the caller has seen."""
    arm: Arm | None = None
    """Which one it is of an A/B test; None if it is in none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A message in hand. `attempts` numbers this hand-over; `state` is `suppressed` if the address must not be used."""

    id: int
    state: str
    failure: str | None
    attempts: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAgain:
    """A message in hand once more."""

    id: int
    public_id: str
    key: str
    workspace_id: int
    channel: str
    content: dict[str, Any]
    attempts: int
    journey_id: int
    block: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A message that failed: whose it is."""

    key: str
    journey_id: int
    block: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Untaken:
    """A message that nobody took, and that is tried again while its journey goes on."""

    id: int
    workspace_id: int
    campaign_id: int
    person_id: int
    journey_id: int
    block: str
    created_at: datetime
    """When it was tried first."""


async def claim(connection: Connection, delivery: NewDelivery, *, now: datetime) -> Claim | None:
    """Write a delivery, or take over the one under the same key; None if somebody else has it in hand since.

    The caller holds the journey.
    """
    row = await connection.fetchrow(
        _SQL.claim,
        delivery.key,
        delivery.public_id,
        delivery.workspace_id,
        delivery.campaign_id,
        delivery.version,
        delivery.journey_id,
        delivery.person_id,
        delivery.block,
        delivery.channel,
        delivery.state,
        delivery.recipient,
        delivery.subject,
        delivery.content,
        delivery.address_key,
        delivery.failure,
        now,
        delivery.attempts,
        delivery.arm,
    )
    return Claim(**row) if row else None


async def claim_again(connection: Connection, delivery_id: int, *, now: datetime) -> ClaimAgain | None:
    """Take a delivery of unknown outcome in hand again; None if it is in another state or its content is gone."""
    row = await connection.fetchrow(_SQL.claim_again, delivery_id, now)
    return ClaimAgain(**row) if row else None


async def failed(connection: Connection, delivery_id: int) -> Failed | None:
    """Return whose message this is; None if it has not failed."""
    row = await connection.fetchrow(_SQL.failed, delivery_id)
    return Failed(**row) if row else None


async def fail_again(connection: Connection, delivery_id: int, failure: str, *, now: datetime) -> None:
    """Write why a message that failed cannot be made anew. It counts as an attempt, so that it can be tried again."""
    await connection.execute(_SQL.fail_again, delivery_id, failure, now)


async def record(
    connection: Connection,
    delivery_id: int,
    attempt: int,
    state: str,
    *,
    failure: str | None,
    provider_id: str | None,
    status: int | None = None,
    now: datetime,
) -> None:
    """Write what became of one hand-over. `status` is that of the answer to a webhook, counted by its class."""
    await connection.execute(_SQL.record, delivery_id, attempt, state, failure, provider_id, now, status)


async def give_up(connection: Connection, delivery_id: int, state: str, failure: str, *, now: datetime) -> None:
    """Write that a message that was begun is not sent (`undeliverable`, `suppressed`), or nobody knows (`unknown`)."""
    await connection.execute(_SQL.give_up, delivery_id, state, failure, now)


async def untaken(connection: Connection, *, before: datetime, after: int, limit: int) -> list[Untaken]:
    """Return webhooks that are to be tried again and were not since an instant, by id, those above `after`."""
    return [Untaken(**row) for row in await connection.fetch(_SQL.untaken, before, after, limit)]


async def standing(connection: Connection, delivery_id: int) -> tuple[str, int] | None:
    """Return the state of a delivery and the number of its latest attempt."""
    row = await connection.fetchrow(_SQL.standing, delivery_id)
    return (row["state"], row["attempts"]) if row else None
