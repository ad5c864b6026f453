"""A segment may ask about events that happened long before it was made: whoever is met again is counted for it once.

So a new question costs nothing until it matters, and nobody is counted twice: `people.tallied` says for which questions
a person's stored events were counted, and every later event adds to the tally.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from engine.entry import Event
from engine.tallies import NEVER
from intake.people import Person
from intake.questions import Questions
from storage import tallies
from storage.database import Connection


def count(questions: Questions, person: Person, event: Event, *, now: datetime) -> set[int]:
    """Let the questions that segments ask count an event; return the places of the rules that ask them."""
    places: set[int] = set()
    if person.first_event_at is None or event.occurred_at < person.first_event_at:
        is_known_longer = event.occurred_at < person.known_since()
        person.first_event_at, person.is_noted = event.occurred_at, True
        if is_known_longer:
            places.update(questions.places)
    for asked in questions.about(event):
        newest = asked.question.newest
        tally = person.tallies.get(asked.question, NEVER).up_to(now, newest=newest)
        person.count(asked.question, tally.plus(event.occurred_at, now=now, newest=newest))
        places.update(asked.places)
    return places


async def add_moved(
    connection: Connection, questions: Questions, person: Person, other: int, *, since: datetime, now: datetime
) -> None:
    """Count for a person what another one did, of the events received since an instant, which are about to be theirs.

    What was counted of the person stays: it holds what they did before the events that are still kept.
    """
    counted = await tallies.count(connection, [other], questions.by_id, now=now, since=since)
    for id_, moved in counted.get(other, {}).items():
        question = questions.by_id[id_]
        tally = person.tallies.get(question, NEVER)
        person.count(question, tally.and_those_of(moved, newest=question.newest).up_to(now, newest=question.newest))


async def load(connection: Connection, questions: Questions, people: Mapping[int, Person], *, now: datetime) -> None:
    """Fill in the tallies of people who are locked, counting stored events for questions that are new to them."""
    by_id = questions.by_id
    for person_id, found in (await tallies.of_people(connection, list(people))).items():
        people[person_id].tallies = {by_id[id_]: tally for id_, tally in found.items() if id_ in by_id}
    behind: dict[int, list[Person]] = defaultdict(list)
    for person in people.values():
        if person.tallied < questions.newest:
            behind[person.tallied].append(person)
    for tallied, waiting in behind.items():
        counted = await tallies.count(connection, [person.id for person in waiting], questions.after(tallied), now=now)
        for person in waiting:
            for id_, tally in counted.get(person.id, {}).items():
                person.count(by_id[id_], tally)
            person.tallied, person.is_noted = questions.newest, True
