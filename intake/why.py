"""Why a person did or did not enter a campaign, from the record as it is: the same rules as at an entry, only asked.

Nothing is written, and nobody waits for it. People, segments and counts are read as intake reads them, so the answer is
intake's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from engine import campaigns as campaign_documents
from engine import conditions, unknown
from engine import why as gates
from engine.conditions import Facts
from engine.errors import Conflict
from engine.spelling import alike
from engine.triggers import EventTrigger
from engine.why import Entries, Gate, Ignored
from intake.catalog import read_catalog
from intake.gathering import look
from intake.people import Person
from intake.segments import person_facts
from storage import campaigns, people, whys
from storage.campaigns import CampaignRow
from storage.database import Connection
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
    met = gates.gates(
        campaign,
        facts,
        state=row.state,
        started_at=row.started_at,
        entries=entries,
        rules=catalog.conditions,
        building=catalog.building,
        similar=similar,
    )
    return Answer(
        campaign_id=row.id,
        person_id=person_id,
        at=now,
        summary=gates.summary(campaign, met, entries),
        gates=met,
        entries=entries,
        events=events,
        scheduled=await whys.scheduled(connection, row.id, person_id),
    )


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
