"""Why a person did or did not enter a campaign, from the record as it is: the same rules as at an entry, only asked.

Nothing is written, and nobody waits for it. People, segments and counts are read as intake reads them, so the answer is
intake's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from engine import campaigns as campaign_documents
from engine import conditions, ids, unknown
from engine import why as gates
from engine.campaigns import Campaign
from engine.conditions import Facts
from engine.dates import Fire
from engine.errors import Conflict
from engine.frequency import EveryMatch
from engine.spelling import alike
from engine.triggers import ConditionTrigger, DateTrigger, EventTrigger
from engine.why import Entries, Gate, Ignored, Turn
from intake.catalog import Catalog, read_catalog
from intake.gathering import look
from intake.loading import current_matches
from intake.people import Person
from intake.segments import person_facts
from storage import campaigns, loading, matched, people, whys
from storage.campaigns import CampaignRow
from storage.database import Connection
from storage.entries import known_among, refused_among
from storage.whys import Occurred, Scheduled

LATEST: Final = 20
"""Occurrences of the trigger's event that are looked at."""
_MOST_NAMES: Final = 500
"""Names of events that are compared with the trigger's: more than any application has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """An event of the person that has the name of the trigger's, and whether its data met the trigger's conditions."""

    event: Occurred
    is_matching: bool
    seen: Mapping[str, Any] | None
    """The truth of the conditions on its data; None if there are none."""
    ignored: Ignored | None
    """Why the campaign took no notice of it, whatever its data; None if it did, or may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Why, and why not. Journeys and refusals are read by the caller, who has to show them anyway."""

    campaign_id: int
    person_id: int
    at: datetime
    summary: str
    gates: Sequence[Gate]
    entries: Entries
    events: Sequence[Happened]
    scheduled: Scheduled


async def why(connection: Connection, workspace_id: int, key: str, person_id: int, *, now: datetime) -> Answer:
    """Return what stands between a person and a campaign now.

    The caller's transaction should see one instant of the record (`repeatable_read`), and may be read-only.

    Raises NotFound for an unknown campaign or person, Conflict for a data campaign, which is about nobody.
    """
    row = await campaigns.find(connection, workspace_id, key)
    if row is None:
        raise unknown.campaign(key)
    campaign = campaign_documents.parse(row.document)
    if campaign.is_data:
        raise Conflict(
            "A data campaign is about payloads, not about people: nobody enters it.",
            "Ask about the campaign that its events start.",
            place="key",
        )
    catalog = await read_catalog(connection, workspace_id, version=0)  # nobody asks it again
    found = (await look(connection, catalog, await people.look(connection, workspace_id, [person_id]), now=now)).all
    if not found:
        raise unknown.person_any_more()
    facts = person_facts(catalog, found[0], now=now)
    entries = await whys.entries(connection, row.id, person_id)
    trigger = campaign.trigger if isinstance(campaign.trigger, EventTrigger) else None
    events = [] if trigger is None else await _events(connection, row, trigger, found[0], now)
    similar = [] if trigger is None or events else await _similar(connection, trigger, found[0])
    decided = await _decided(connection, row.id, campaign, found[0], now)
    met = gates.gates(
        campaign,
        facts,
        state=row.state,
        started_at=row.started_at,
        entries=entries,
        rules=catalog.conditions,
        building=catalog.building,
        similar=similar,
        decided=decided,
    )
    scheduled = await whys.scheduled(connection, row.id, person_id)
    if decided is not None and scheduled.date == decided.date and isinstance(campaign.trigger, DateTrigger):
        fire = found[0].next_fire(campaign.trigger, after=decided.at)
        scheduled = replace(scheduled, date_at=fire.at if fire else None, date=fire.date if fire else None)
    turn = await _turn(connection, catalog, row, campaign, entries, person_id)
    return Answer(
        campaign_id=row.id,
        person_id=person_id,
        at=now,
        summary=gates.summary(campaign, met, entries, turn),
        gates=met,
        entries=entries,
        events=events,
        scheduled=scheduled,
    )


async def _decided(
    connection: Connection, campaign_id: int, campaign: Campaign, person: Person, now: datetime
) -> Fire | None:
    """Return the latest date of a person that is still to come, but was decided at another time of its day (1.69)."""
    trigger, decided = campaign.trigger, None
    while isinstance(trigger, DateTrigger):
        fire = person.next_fire(trigger, after=decided.at if decided else now)
        if fire is None:
            break
        asked = [(campaign_id, person.id, ids.date_occurrence(fire.date))]
        if not (await known_among(connection, asked) or await refused_among(connection, asked)):
            break
        decided = fire
    return decided


async def _turn(
    connection: Connection, catalog: Catalog, row: CampaignRow, campaign: Campaign, entries: Entries, person_id: int
) -> Turn | None:
    """Return how the current matches of a campaign get on, if the person is one of those who are still to enter."""
    trigger = campaign.trigger
    progress = await loading.find(connection, row.id) if isinstance(trigger, ConditionTrigger) else None
    if progress is None or progress.state is None or progress.cursor >= person_id:
        return None
    if entries.last_at is not None:  # what their turn would say then (behaviour 12.08, 13.09)
        has_matched_since = isinstance(campaign.frequency, EveryMatch) and not entries.has_stopped
        if entries.last_at >= progress.started_at or has_matched_since:
            return None
    assert isinstance(trigger, ConditionTrigger)
    condition, begun = current_matches(trigger, progress)
    is_one = await matched.is_one(
        connection,
        row.workspace_id,
        condition,
        catalog.segment_ids,
        since=progress.since,
        begun=begun,
        person_id=person_id,
    )
    return progress.state if is_one else None


async def _events(
    connection: Connection, campaign: CampaignRow, trigger: EventTrigger, person: Person, now: datetime
) -> list[Happened]:
    events = await whys.events(connection, person.id, trigger.kind, trigger.name, limit=LATEST)
    happened = []
    for event in events:
        facts = Facts(attributes={}, segments=frozenset(), now=now, data=event.data)
        happened.append(
            Happened(
                event=event,
                is_matching=trigger.matches(trigger.kind, trigger.name, facts),
                seen=None if trigger.where is None else conditions.explain(trigger.where, facts),
                ignored=gates.ignored(
                    received_at=event.received_at,
                    occurred_at=event.occurred_at,
                    first_started_at=campaign.first_started_at,
                    started_at=campaign.started_at,
                    stopped_at=campaign.stopped_at,
                ),
            )
        )
    return happened


async def _similar(connection: Connection, trigger: EventTrigger, person: Person) -> list[str]:
    """Return names that whoever wrote the trigger, or sent the events, may have meant."""
    return alike(trigger.name, await whys.names(connection, person.id, trigger.kind, limit=_MOST_NAMES))
