"""A condition campaign may be started for those who match already: they enter in batches, nobody twice (12.04-12.08).

The start and its loading are one transaction. What the batches do is `activities/loading.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from engine import ids, names, triggers, unknown
from engine.campaigns import Campaign
from engine.conditions import All, AnyOf, Condition, InSegment
from engine.errors import Conflict, DocumentError, Fault
from engine.lifecycle import State
from engine.moves import LoadingStart, LookAgain
from engine.triggers import ConditionTrigger
from storage import campaigns, changes, loading, outbox
from storage.campaigns import CampaignRow
from storage.database import Connection
from storage.loading import Loading

_NO_LOADING: Final[Mapping[State, str]] = {
    "draft": "Start it for those who match already.",
    "starting": "Start it for those who match already.",
    "running": "Nothing is to be done: it lets in who begins to match.",
    "stopping": "Nobody enters any more. To let people in again, start it.",
    "stopped": "Start it for those who match already.",
    "archived": "Bring it back first: `sojourn campaigns unarchive`.",
}

RATE: Final = 10
"""Entries a second unless the start says otherwise: a sixth of what a small machine can carry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Who of those that match already is let in, and how fast."""

    since: datetime | None = None
    """Only whose match began since then (behaviour 12.07); None is everybody."""
    rate: int = RATE
    """Entries a second."""


async def begin_loading(
    connection: Connection, campaign: CampaignRow, document: Campaign, load: Load, *, now: datetime
) -> None:
    """Begin to let people in who match already, inside the transaction of the start.

    Raises DocumentError for a campaign that has no condition trigger, and for `since` if nobody knows since when people
    match it.
    """
    if not isinstance(document.trigger, ConditionTrigger):
        raise DocumentError(
            [
                Fault(
                    place="trigger",
                    problem="Only a condition campaign has current matches.",
                    remedy="Start it for the future, or give it a condition trigger.",
                )
            ]
        )
    if load.since is not None and (outside := sorted(set(_outside(document.trigger.condition)))):
        raise DocumentError([_no_begin(key) for key in outside])
    await loading.begin(connection, campaign.id, rate=load.rate, since=load.since)
    workspace = campaign.workspace_id
    start = outbox.start(
        ids.loading_workflow(workspace, campaign.id, now),
        names.LOADING,
        LoadingStart(workspace=workspace, campaign=campaign.id, at=now).model_dump(mode="json"),
        search={
            names.CAMPAIGN_KEY: campaign.key,
            names.CAMPAIGN_ID: str(campaign.id),
            names.WORKSPACE_ID: str(workspace),
        },
        summary=f"Current matches of {campaign.name}",
    )
    await outbox.add(connection, [start], now=now)


def current_matches(trigger: ConditionTrigger, progress: Loading) -> tuple[Condition, Condition | None]:
    """Return what people have to match to enter, and what was asked at the start, if it was edited since.

    They have to match both, as nobody enters by the edit (behaviour 15.32).
    """
    if progress.trigger_before is None:
        return trigger.condition, None
    before = triggers.parse(progress.trigger_before, "trigger", [])  # it was saved, so it has no faults
    assert isinstance(before, ConditionTrigger)  # the type stays (behaviour 15.37)
    return All((trigger.condition, before.condition)), before.condition


def _outside(condition: Condition) -> Iterator[str]:
    """Yield every segment that people must not be in."""
    match condition:
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from _outside(part)
        case InSegment(key, negative) if negative:
            yield key


def _no_begin(key: str) -> Fault:
    return Fault(
        place="since",
        problem=f'Nobody knows since when people are not in "{key}": who leaves a segment leaves no trace.',
        remedy=f"Start it without, or make a segment with the condition `not_in: {key}` and ask with `in` for that.",
    )


async def order_loading(
    connection: Connection, workspace_id: int, key: str, verb: Literal["pause", "resume"], *, now: datetime
) -> None:
    """Pause a loading or go on with it. True from the commit on: the next batch looks at the record.

    Raises NotFound, and Conflict if nobody is being loaded.
    """
    async with connection.transaction():
        await changes.begin(connection, workspace_id)
        campaign = await campaigns.find(connection, workspace_id, key)
        if campaign is None:
            raise unknown.campaign(key)
        if not await loading.order(connection, campaign.id, "paused" if verb == "pause" else "loading", at=now):
            raise Conflict(
                f"It is {campaign.state}: no current matches are being loaded.",
                _NO_LOADING[campaign.state],
                place="key",
            )
        assert campaign.started_at is not None  # it is starting
        workflow = ids.loading_workflow(workspace_id, campaign.id, campaign.started_at)
        said = LookAgain(at=now).model_dump(mode="json")
        await outbox.add(
            connection, [outbox.signal(workflow, names.PAUSE if verb == "pause" else names.RESUME, said)], now=now
        )
