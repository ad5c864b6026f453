"""Rules see a `Situation` and nothing else. Here it is put together from the record."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

from activities.beginnings import begins_at
from engine import campaigns, subscription
from engine.campaigns import Campaign
from engine.conditions import Facts
from engine.decisions import Situation, State
from engine.errors import NotFound
from engine.goals import EventGoal
from engine.moves import Ask
from engine.steps.step import Arm
from engine.triggers import ConditionTrigger
from storage import journeys
from storage.database import Connection
from storage.journeys import JourneyRow

_KEPT: Final = 500  # versions of campaigns; some tens of kilobytes each with their compiled conditions
ORDERED: Final = frozenset({"campaign_stopped", "campaign_archived", "campaign_deleted", "person_deleted", "manual"})
"""Why somebody may end a journey, other than by its own rules (behaviour 9.05)."""

_PAGE: Final = 200  # events looked at in one go, where a goal has conditions on their data


class Situations:
    """Builds situations; remembers campaign versions, which never change."""

    def __init__(self) -> None:
        self._campaigns: OrderedDict[tuple[int, int], Campaign] = OrderedDict()

    async def of(self, connection: Connection, row: JourneyRow, ask: Ask, now: datetime) -> Situation:
        """Return what a decision about this journey needs to know."""
        campaign = await self.campaign(connection, row.campaign_id, row.latest_version)
        facts = Facts(attributes=person_view(row), segments=frozenset(row.segments), now=now, data=row.trigger_data)
        is_elsewhere = row.block is not None and row.block not in campaign.plan.blocks
        previous = await self.campaign(connection, row.campaign_id, row.version) if is_elsewhere else None
        return Situation(
            journey=row.id,
            campaign=campaign,
            campaign_state=row.campaign_state,
            facts=facts,
            state=cast("State", row.state),
            block=row.block,
            arrived_at=row.arrived_at,
            due_at=row.due_at,
            begun=begun_arm(row),
            started_at=row.started_at,
            now=now,
            goal_met=await _goal_met(connection, campaign, row, facts),
            building=frozenset(row.building),
            person_exists=row.person_exists,
            unsubscribed=subscription.is_unsubscribed(facts.attributes),
            ending=_ending(row, ask),
            previous=previous.plan if previous else None,
            begins_at=await _begins_at(connection, campaign, row, facts),
            unmatched_at=row.unmatched_at,
            unmatched_wait=row.unmatched_wait,
            last_wait=row.last_wait,
            filters_met=row.filters_met,
        )

    async def campaign(self, connection: Connection, campaign_id: int, version: int) -> Campaign:
        """Return one version of a campaign. Raises NotFound if there is none."""
        known = self._campaigns.get((campaign_id, version))
        if known is not None:
            self._campaigns.move_to_end((campaign_id, version))
            return known
        document = await journeys.document(connection, campaign_id, version)
        if document is None:
            raise NotFound(f"Campaign {campaign_id} has no version {version}.", "Restore the record as a whole.")
        campaign = self._campaigns[campaign_id, version] = campaigns.parse(document)
        if len(self._campaigns) > _KEPT:
            self._campaigns.popitem(last=False)
        return campaign


def person_view(row: JourneyRow) -> Mapping[str, Any]:
    """Return the attributes as conditions and templates see them: with `id` and `email`; none if there is nobody."""
    identifiers = {"id": row.external_id, "email": row.email}
    return (row.attributes or {}) | {name: value for name, value in identifiers.items() if value is not None}


def begun_arm(row: JourneyRow) -> Arm | None:
    """Return which arm of an A/B test a message is gone on with; None if it was not begun.

    The tests of an archived campaign pause: whatever is made there is made of the original (behaviour 6.109).
    """
    return "original" if row.campaign_state == "archived" else row.arm


def exit_reason(said: str) -> str:
    """Return the exit reason that an `end` names. Whatever else is typed into the Web UI is an end by hand."""
    return said if said in ORDERED else "manual"


def is_forced_out(row: JourneyRow) -> bool:
    """Whether the campaign was stopped for everybody inside since the journey began, if it has ended since or not.

    One that is still open was not told yet. It does not resume if the campaign was started again meanwhile (13.11).
    """
    return row.campaign_stopped_at is not None and row.started_at <= row.campaign_stopped_at


def _ending(row: JourneyRow, ask: Ask) -> str | None:
    """Return why the journey has to end; None if nobody said so."""
    if is_forced_out(row):
        return row.ending or "campaign_stopped"
    said = row.ending or ask.ending
    return None if said is None else exit_reason(said)


async def _begins_at(connection: Connection, campaign: Campaign, row: JourneyRow, facts: Facts) -> datetime | None:
    """Return for which instant a journey waits that has not begun; None if it has, or if nothing asks for one."""
    if row.state != "waiting_start" or not isinstance(campaign.trigger, ConditionTrigger):
        return None
    return await begins_at(connection, row.workspace_id, campaign.trigger, facts)


async def _goal_met(connection: Connection, campaign: Campaign, row: JourneyRow, facts: Facts) -> bool:
    """Say whether the event of the goal was performed since the journey began (behaviour 10.37, 10.41).

    Asked only where it ends the journey. Senders give whole seconds, so the second of the beginning counts.
    """
    goal = campaign.goal
    if not campaign.exit.on_goal or not isinstance(goal, EventGoal):
        return False
    since, after = (row.begun_at or row.started_at).replace(microsecond=0), row.event_id or 0
    while True:
        page = await journeys.events_since(
            connection, row.person_id, goal.kind, goal.name, after=after, since=since, limit=_PAGE if goal.where else 1
        )
        if any(goal.met_by(goal.kind, goal.name, _seen_in(facts, data)) for _, data in page):
            return True
        if len(page) < _PAGE:
            return False
        after = page[-1][0]


def _seen_in(facts: Facts, data: dict[str, Any]) -> Facts:
    return Facts(attributes=facts.attributes, segments=facts.segments, now=facts.now, data=data)
