"""An entry becomes two things that must not disagree: a journey in the record, and what its workflow is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine import ids, journeys, names, subscription
from engine.beginnings import begins_at
from engine.decisions import Decision, Situation
from engine.moves import JourneyStart, Leave, LookAgain, Wait
from engine.triggers import ConditionTrigger
from intake.catalog import Catalog, Enterable
from intake.outcomes import Wish
from storage import outbox
from storage.entries import NewJourney, Note
from storage.filter_retries import FilterRetry
from storage.outbox import Message


def begin(workspace_id: int, journey_id: int, wish: Wish, catalog: Catalog) -> tuple[NewJourney, Message | None]:
    """Return the journey with its first decision made, and the start of its workflow.

    There is none to start if the journey ends where it begins, or if a retry brought its workflow along.
    """
    decision = _decided(wish, catalog, journey_id)
    journey = _journey(journey_id, wish, decision)
    if wish.retry_id is not None or isinstance(decision.move, Leave):
        return journey, None
    start = JourneyStart(journey=journey_id, turn=1, at=wish.at, first=decision.move)
    return journey, _start(workspace_id, wish.enterable, wish.person_id, journey.occurrence, start)


def ends_where_it_begins(journey_id: int, wish: Wish, catalog: Catalog) -> bool:
    """Whether the first decision of an entry ends the journey: it runs at no instant."""
    return isinstance(_decided(wish, catalog, journey_id).move, Leave)


def _decided(wish: Wish, catalog: Catalog, journey_id: int) -> Decision:
    facts = wish.facts
    situation = Situation(
        journey=journey_id,
        campaign=wish.enterable.campaign,
        campaign_state="running",
        facts=facts,
        started_at=wish.at,
        now=wish.at,
        building=catalog.building,
        unsubscribed=subscription.is_unsubscribed(facts.attributes),
    )
    trigger = wish.enterable.campaign.trigger
    waits_for = (
        begins_at(trigger.condition, facts, catalog.conditions) if isinstance(trigger, ConditionTrigger) else None
    )
    return journeys.enter(situation, seen=wish.seen, begins_at=waits_for).with_turn(1)


def wait_for_filters(workspace_id: int, enterable: Enterable, retry: FilterRetry) -> Message:
    """Return the start of a workflow that looks a last time when the filters had their 30 minutes (behaviour 4.12)."""
    text = f"Waits for the filters to match, until {retry.expires_at:%Y-%m-%d %H:%M:%S} UTC"
    first = Wait(turn=0, until=retry.expires_at, text=text)
    start = JourneyStart(journey=retry.id, turn=0, at=retry.received_at, first=first)
    return _start(workspace_id, enterable, retry.person_id, retry.occurrence, start)


def look_again(workspace_id: int, wish: Wish, *, now: datetime) -> Message:
    """Return the signal to the workflow of a retry that it is decided, or to that of an entry that an edit follows."""
    workflow_id = ids.journey_workflow(workspace_id, wish.enterable.id, wish.entrant, wish.occurrence.key)
    return outbox.signal(workflow_id, names.LOOK_AGAIN, LookAgain(at=now).model_dump(mode="json"))


def _journey(journey_id: int, wish: Wish, decision: Decision) -> NewJourney:
    occurrence, campaign = wish.occurrence, wish.enterable.campaign
    return NewJourney(
        id=journey_id,
        campaign_id=wish.enterable.id,
        person_id=wish.person_id,
        occurrence=occurrence.key,
        event_id=occurrence.event_id,
        event_name=occurrence.name,
        event_at=occurrence.at,
        trigger_data=occurrence.data,
        depth=occurrence.depth,
        unmatched_at=wish.at if campaign.is_condition and not campaign.matches(wish.facts) else None,
        filters_met=decision.filters_met,
        state=decision.state,
        exit_reason=decision.exit_reason,
        version=wish.enterable.version,
        block=decision.block,
        arrived_at=decision.arrived_at,
        due_at=decision.due_at,
        move=decision.move.model_dump(mode="json"),
        started_at=wish.at,
        ended_at=wish.at if decision.state in ("finished", "exited") else None,
        entered_as=wish.entered_as,
        notes=tuple(
            Note(place=place, at=wish.at, kind=note.kind, block=note.block, text=note.text, seen=dict(note.seen))
            for place, note in enumerate(decision.notes)
        ),
    )


def _start(workspace_id: int, enterable: Enterable, person_id: int, occurrence: str, start: JourneyStart) -> Message:
    search: dict[str, Any] = {
        names.CAMPAIGN_KEY: enterable.campaign.key,
        names.CAMPAIGN_ID: str(enterable.id),
        names.PERSON_KEY: str(person_id),
        names.WORKSPACE_ID: str(workspace_id),
    }
    return outbox.start(
        ids.journey_workflow(workspace_id, enterable.id, person_id, occurrence),
        names.JOURNEY,
        start.model_dump(mode="json"),
        search=search,
        summary=f'Person {person_id} in campaign "{enterable.campaign.name}"',
    )
