"""A segment may ask about events that happened long before it was made: whoever is met again is counted for it once.

So a new question costs nothing until it matters, and nobody is counted twice: `people.tallied` says for which questions
a person's stored events were counted, and every later event adds to the tally.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from intake.people import Person
from intake.questions import Questions
from storage import tallies
from storage.database import Connection


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
