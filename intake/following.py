"""A saved definition has consequences beyond its row: dates to compute anew, re-entries to forget, events to count.

Each belongs into the transaction of the save, so that no decision falls between the two.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from engine import conditions
from engine.campaigns import Campaign
from engine.conditions import Condition
from engine.conditions.questions import question_document
from engine.frequency import Interval
from engine.triggers import DateTrigger, WebhookTrigger
from storage import campaigns, questions, schedules
from storage.database import Connection


async def follow_campaign(
    connection: Connection,
    campaign_id: int,
    before: Campaign | None,
    after: Campaign,
    *,
    is_entered: bool,
    now: datetime,
) -> None:
    """Carry out what a new version of a campaign brings with it. `is_entered`: people may enter it now."""
    if before is not None and isinstance(before.frequency, Interval) and not isinstance(after.frequency, Interval):
        await schedules.drop_reentries_of(connection, campaign_id)  # behaviour 2.12, 2.13
    if is_entered and before is not None and before.trigger != after.trigger:
        await begin_dates(connection, campaign_id, after, now=now)  # behaviour 15.34
    if isinstance(after.trigger, WebhookTrigger):
        await campaigns.give_token(connection, campaign_id, secrets.token_urlsafe(24))  # behaviour 1.90


async def begin_dates(connection: Connection, campaign_id: int, campaign: Campaign, *, now: datetime) -> None:
    """Ask for everybody's next date from now on; what has passed today is not made up for (behaviour 1.71)."""
    if isinstance(campaign.trigger, DateTrigger):
        await schedules.recompute_dates(connection, campaign_id, after=now)


async def follow_segments(
    connection: Connection, workspace_id: int, asked: Iterable[Condition], *, now: datetime
) -> None:
    """Keep exactly the questions about events that the segments of a workspace ask; `asked` are their conditions."""
    wanted = {question for condition in asked for question in conditions.touches(condition).questions}
    documents = [question_document(question) for question in wanted]
    for document in documents:
        await questions.ensure(connection, workspace_id, document, now=now)
    await questions.drop_unused(connection, workspace_id, documents)
