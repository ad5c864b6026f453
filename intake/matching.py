"""When a person stops to match a condition campaign decides how long a grace period is, so it is noted when it happens.

Behaviour 10.51-10.55. Only journeys that are open are noted, and only those whose match changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from engine import ids, names
from engine.moves import LookAgain
from intake.catalog import Enterable
from intake.outcomes import Match
from intake.people import Person
from storage import matches, outbox
from storage.database import Connection
from storage.matches import Matching
from storage.outbox import Message


async def tell_waiting(
    connection: Connection, workspace_id: int, changed: Sequence[tuple[Enterable, Person, datetime]]
) -> list[Message]:
    """Return signals to journeys that wait to begin, whose person has changed the instant of it (behaviour 1.19)."""
    at = {(enterable.id, person.id): at for enterable, person, at in changed if person.id}
    waiting = await matches.waiting(connection, list(at)) if at else []
    return [_look_again(workspace_id, journey, at[journey.campaign_id, journey.person_id]) for journey in waiting]


async def write_matches(connection: Connection, workspace_id: int, changed: Sequence[Match]) -> list[Message]:
    """Note in open journeys who stopped or began to match; return signals to those that may resume for it (10.55).

    Of several changes of one person the last one counts.
    """
    last = {(one.enterable.id, one.person.id): one for one in changed}
    stopped = [one for one in last.values() if not one.is_matching]
    began = [one for one in last.values() if one.is_matching]
    if stopped:
        await matches.stop(connection, [(one.enterable.id, one.person.id, one.at) for one in stopped])
    if not began:
        return []
    resumable = {one.enterable.id for one in began if one.enterable.campaign.grace == "early_return"}
    at = {(one.enterable.id, one.person.id): one.at for one in began}
    return [
        _look_again(workspace_id, journey, at[journey.campaign_id, journey.person_id])
        for journey in await matches.begin(connection, list(at))
        if journey.campaign_id in resumable and journey.state == "grace"
    ]


def _look_again(workspace_id: int, journey: Matching, at: datetime) -> Message:
    workflow_id = ids.journey_workflow(workspace_id, journey.campaign_id, journey.entrant, journey.occurrence)
    return outbox.signal(workflow_id, names.LOOK_AGAIN, LookAgain(at=at).model_dump(mode="json"))
