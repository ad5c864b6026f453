"""A saved definition has consequences beyond its row: dates to compute anew, re-entries to forget, events to count.

Each belongs into the transaction of the save, so that no decision falls between the two.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime

from engine import campaigns as campaign_documents
from engine import conditions
from engine.campaigns import Campaign
from engine.conditions import All
from engine.conditions.questions import question_document
from engine.frequency import EveryMatch, Interval
from engine.triggers import ConditionTrigger, DateTrigger, WebhookTrigger
from storage import campaigns, definitions, entries, matched, questions, schedules
from storage.database import Connection
from storage.segment_definitions import SegmentRow


async def follow_campaign(
    connection: Connection,
    workspace_id: int,
    campaign_id: int,
    before: Campaign | None,
    after: Campaign,
    *,
    is_entered: bool,
    now: datetime,
) -> None:
    """Carry out what a new version of a campaign brings with it. `is_entered`: people may enter it now."""
    if before is not None and isinstance(before.frequency, Interval) and not isinstance(after.frequency, Interval):
        await schedules.drop_intervals(connection, campaign_id, after=now)  # behaviour 2.12, 2.13
    if before is not None and isinstance(after.trigger, ConditionTrigger):
        await _follow_reentries(connection, workspace_id, campaign_id, before, after, now=now)
    if before is not None and isinstance(after.frequency, EveryMatch):
        await _follow_matches(connection, workspace_id, campaign_id, before, after)
    if is_entered and before is not None and before.trigger != after.trigger:
        await begin_dates(connection, campaign_id, after, now=now)  # behaviour 15.34
    if isinstance(after.trigger, WebhookTrigger):
        await campaigns.give_token(connection, campaign_id, secrets.token_urlsafe(24))  # behaviour 1.90


async def _follow_reentries(
    connection: Connection, workspace_id: int, campaign_id: int, before: Campaign, after: Campaign, *, now: datetime
) -> None:
    """Let another interval count at once; of those who wait for a build, drop or let in whom it does not hold up."""
    interval = after.frequency if isinstance(after.frequency, Interval) else None
    if interval is not None and isinstance(before.frequency, Interval) and interval != before.frequency:
        await schedules.move_reentries(connection, campaign_id, every=interval.every, now=now)
    if (before.trigger, before.filters) == (after.trigger, after.filters):
        return
    if before.trigger != after.trigger:  # what they began to match is not what the campaign asks any more
        await schedules.drop_postponed(connection, campaign_id)
    building = {one.key for one in await definitions.segments(connection, workspace_id) if one.state == "building"}
    assert isinstance(after.trigger, ConditionTrigger)
    asked = [after.trigger.condition] if after.filters is None else [after.trigger.condition, after.filters]
    if building.isdisjoint(conditions.touches(All(tuple(asked))).segments):
        await schedules.release_reentries(connection, [campaign_id], now=now)


async def forget_postponed(connection: Connection, workspace_id: int, redefined: AbstractSet[str]) -> None:
    """Forget whose match waits for a build, where the trigger asks about a segment that has another meaning now (3.17).

    They began to match a condition that nobody asks any more. Whether they began to match the present one too cannot
    be said: how they were before is not kept, and who has matched it all along must not enter. So only data and time
    after the last edit count. Where only the filters ask, they did begin to match the trigger, and go on waiting.
    """
    for row in await definitions.campaigns(connection, workspace_id):
        trigger = campaign_documents.parse(row.document).trigger
        if isinstance(trigger, ConditionTrigger) and not redefined.isdisjoint(
            conditions.touches(trigger.condition).segments
        ):
            await schedules.drop_postponed(connection, row.id)


async def _follow_matches(
    connection: Connection, workspace_id: int, campaign_id: int, before: Campaign, after: Campaign
) -> None:
    """Note who does not match now, where every match has begun to count, or another one does (2.14, 13.09)."""
    begins = not isinstance(before.frequency, EveryMatch)
    if begins:
        await entries.forget_stops(connection, campaign_id)
    if begins or before.trigger != after.trigger:
        segments = await definitions.segments(connection, workspace_id)
        ids = {segment.key: segment.id for segment in segments}
        building = {segment.key for segment in segments if segment.state == "building"}
        await note_stops(connection, campaign_id, after, ids, building)


async def note_stops(
    connection: Connection,
    campaign_id: int,
    campaign: Campaign,
    segments: Mapping[str, int],
    building: AbstractSet[str],
) -> None:
    """Note who entered and does not match now, of whom no change of theirs tells (behaviour 13.09).

    `segments` are the ids of segments by key. While one that the trigger asks about is built nobody can say, and the
    end of the build asks again.
    """
    assert isinstance(campaign.trigger, ConditionTrigger)
    condition = campaign.trigger.condition
    if building.isdisjoint(conditions.touches(condition).segments):
        await matched.note_others(connection, campaign_id, condition, segments)


async def begin_dates(connection: Connection, campaign_id: int, campaign: Campaign, *, now: datetime) -> None:
    """Ask for everybody's next date from now on; what has passed today is not made up for (behaviour 1.71)."""
    if isinstance(campaign.trigger, DateTrigger):
        await schedules.recompute_dates(connection, campaign_id, after=now)


async def follow_segments(
    connection: Connection, workspace_id: int, segments: Iterable[SegmentRow], *, now: datetime
) -> None:
    """Keep exactly the questions about events that these segments of a workspace ask."""
    asked = [condition for row in segments if (condition := row.asked()) is not None]
    wanted = {question for condition in asked for question in conditions.touches(condition).questions}
    documents = [question_document(question) for question in wanted]
    for document in documents:
        await questions.ensure(connection, workspace_id, document, now=now)
    await questions.drop_unused(connection, workspace_id, documents)
