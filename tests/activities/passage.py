"""A record with a campaign and a person inside, and the activities that carry them on; no Temporal."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from temporalio.testing import ActivityEnvironment

from activities.acting import Acting
from activities.deciding import Deciding
from activities.redelivering import Redelivering
from activities.resending import Resending
from activities.sending import AT_ONCE, Sending
from activities.situations import Situations
from activities.tracking import Tracker
from channels.channel import Channel
from channels.webhook import WebhookChannel
from engine.addresses import address_key
from engine.moves import Ask, Leave, Verdict
from intake import definitions
from intake.processor import Processor
from storage import keys, suppressed_addresses
from storage.database import Pool, Record
from storage.inbox import Input
from tests.recording import RecordingChannel

Answer = TypeVar("Answer")

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


class Passage:
    """`event` begins a journey; `ask` puts a question to an activity as the journey's workflow would."""

    def __init__(self, pool: Pool, workspace: int, tracker: Tracker | None = None) -> None:
        self.pool = pool
        self.workspace = workspace
        self.now = NOW
        self.mailbox = RecordingChannel(lambda: self.now)
        processor = self.processor = Processor()
        situations = Situations()
        deciding, acting = Deciding(pool, situations, processor), Acting(pool, situations, processor)
        self.webhooks = WebhookChannel(patience=2, tls_context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        channels: dict[str, Channel[Any]] = {"email": self.mailbox, "webhook": self.webhooks}
        sender, self.turns = "Shop <shop@example.com>", asyncio.Semaphore(AT_ONCE)
        shared: dict[str, Any] = {"sender": sender, "turns": self.turns, "tracker": tracker}
        sending = Sending(pool, situations, processor, channels, **shared)
        resending = Resending(pool, situations, processor, channels, **shared)
        self.next_move, self.check_exit, self.act = deciding.next_move, deciding.check_exit, acting.act
        self.send = sending.send
        self.resend = resending.resend_delivery
        self.redeliver = Redelivering(pool, situations, processor, channels).redeliver

    @classmethod
    async def begin(cls, pool: Pool, tracker: Tracker | None = None) -> Passage:
        async with pool.acquire() as connection:
            return cls(pool, await keys.open_workspace(connection, "test", now=NOW), tracker)

    async def campaign(self, *workflow: dict[str, Any], start: bool = True, **document: Any) -> None:
        """Save, and start once, the campaign `welcome`, triggered by `signed_up`."""
        whole = {"name": "Welcome", "trigger": {"event": "signed_up"}, "workflow": list(workflow)} | document
        async with self.pool.acquire() as connection:
            saved = await definitions.save_campaign(connection, self.workspace, "welcome", whole, now=self.now)
            if saved.state == "draft" and start:
                await definitions.start_campaign(
                    connection, self.workspace, "welcome", default_sender="shop@example.com", now=self.now
                )

    async def stop(self, mode: str = "now") -> None:
        async with self.pool.acquire() as connection:
            await definitions.stop_campaign(connection, self.workspace, "welcome", mode, now=self.now)  # type: ignore[arg-type]  # a test's word

    async def segment(self, key: str, condition: dict[str, Any]) -> None:
        document = {"name": key, "condition": condition}
        async with self.pool.acquire() as connection:
            await definitions.save_segment(connection, self.workspace, key, document, now=self.now)
            await connection.execute("UPDATE segments SET state = 'ready'")
            await connection.execute("UPDATE definitions SET version = version + 1")

    async def manual(self, key: str) -> None:
        """Save a manual segment."""
        async with self.pool.acquire() as connection:
            await definitions.save_segment(connection, self.workspace, key, {"name": key, "manual": True}, now=self.now)

    async def identify(self, person: str = "ada", **attributes: Any) -> None:
        attributes = {"email": f"{person}@example.com"} | attributes
        await self._input("identify", {"who": {"id": person}, "attributes": attributes})

    async def delete(self, person: str = "ada") -> None:
        await self._input("delete", {"who": {"id": person}})

    async def suppress(self, *addresses: str) -> None:
        """Suppress addresses as after a hard bounce."""
        async with self.pool.acquire() as connection:
            for address in addresses:
                await suppressed_addresses.add(
                    connection, self.workspace, address_key(address), "bounced", now=self.now
                )

    async def event(self, name: str = "signed_up", data: dict[str, Any] | None = None, person: str = "ada") -> int:
        """Tell an event; return the id of the latest journey."""
        await self._input("event", {"who": {"id": person}, "type": "event", "name": name, "data": data or {}})
        return int(await self.pool.fetchval("SELECT coalesce(max(id), 0) FROM journeys"))

    async def _input(self, kind: str, payload: dict[str, Any]) -> None:
        item = Input(workspace_id=self.workspace, kind=kind, payload=payload, received_at=self.now)
        async with self.pool.acquire() as connection, connection.transaction():
            await self.processor.process(connection, [item], now=self.now)

    async def ask(
        self,
        activity: Callable[[Ask], Awaitable[Answer]],
        journey: int,
        turn: int = 1,
        block: str | None = None,
        *,
        ending: str | None = None,
        after: timedelta = timedelta(),
    ) -> Answer:
        """Put a question. `after` is how long Temporal held it before this attempt."""
        ask = Ask(journey=journey, turn=turn, now=self.now, block=block, ending=ending)
        return await self.attempt(after).run(activity, ask)

    def attempt(self, after: timedelta = timedelta()) -> ActivityEnvironment:
        environment = ActivityEnvironment()
        info = environment.info
        environment.info = replace(info, started_time=info.scheduled_time + after)
        return environment

    async def journey(self, journey: int) -> Record:
        row = await self.pool.fetchrow("SELECT * FROM journeys WHERE id = $1", journey)
        assert row is not None
        return row

    async def delivery(self) -> Record:
        """Return the only delivery."""
        (row,) = await self.pool.fetch("SELECT * FROM deliveries")
        return row

    async def log(self, journey: int) -> list[str]:
        rows = await self.pool.fetch("SELECT kind FROM decisions WHERE journey_id = $1 ORDER BY turn, place", journey)
        return [row["kind"] for row in rows]


def email(block: str = "hello", **fields: Any) -> dict[str, Any]:
    return {"email": {"id": block, "subject": "Hello", "body": "<p>Hi</p>"} | fields}


def left(move: Verdict) -> str:
    """Return why the journey leaves; fail if it does not."""
    assert isinstance(move, Leave)
    return move.reason
