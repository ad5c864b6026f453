"""Events that were stored before anybody asked are counted at once in SQL, and come out as if counted one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.conditions import Scope, touches
from engine.tallies import Tally
from storage import partitions, tallies
from storage.database import Connection, Pool
from tests.engine.conditions import documents
from tests.engine.conditions.builders import NOW, Happened, bought, read, tallied
from tests.storage.test_matching import can_be_kept, data_of


async def counted(connection: Connection, document: Any, people: Sequence[Sequence[Happened]]) -> list[Any]:
    """Return for each person the tallies that are not nothing, by question."""
    questions = dict(enumerate(touches(read(document, Scope.PERSON)).questions))
    await partitions.prepare(connection, [NOW])
    rows = [
        (person, event.kind, event.name, data_of(event), event.at, NOW)
        for person, events in enumerate(people)
        for event in events
    ]
    insert = "INSERT INTO events (workspace_id, person_id, kind, name, data, occurred_at, received_at) "
    await connection.executemany(f"{insert} VALUES (1, $1, $2, $3, $4, $5, $6)", rows)
    found = await tallies.count(connection, range(len(people)), questions, now=NOW)
    return [{questions[id_]: tally for id_, tally in found.get(person, {}).items()} for person in range(len(people))]


@pytest.mark.timeout(180)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    document=documents.performed.filter(can_be_kept),
    people=st.lists(
        documents.events.filter(lambda events: all(can_be_kept(event.data) for event in events)), max_size=5
    ),
)
async def test_many_people_are_counted_as_one_is(pool: Pool, document: Any, people: list[list[Happened]]) -> None:
    condition = read(document, Scope.PERSON)
    kept = [[replace(event, data=data_of(event)) for event in events] for events in people]
    expected = [tallied(condition, events, now=NOW) for events in kept]
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            found = await counted(connection, document, kept)
        finally:
            await transaction.rollback()

    assert expected == found


async def test_plain_conditions_on_data_are_not_left_to_python(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "holds", None)
    where = [{"path": "total", "at_least": 5}, {"path": "items[]", "equals": "A"}]
    ago = [NOW - timedelta(hours=hours) for hours in (3, 2, 1)]
    events = [Happened(at=at, data={"total": total, "items": ["A"]}) for at, total in zip(ago, (9, 4, 7), strict=True)]
    async with pool.acquire() as connection, connection.transaction():
        document = {"performed": {"event": "bought", "where": where, "within": "1d"}}
        [found] = await counted(connection, document, [events])

    assert [Tally(total=2, newest=(ago[2],))] == list(found.values())


async def test_only_as_many_instants_come_back_as_the_question_needs(pool: Pool) -> None:
    instants = [NOW + timedelta(minutes=minutes) for minutes in range(-30, 3)]
    async with pool.acquire() as connection, connection.transaction():
        document = {"performed": {"event": "bought", "at_least": 2, "within": "30d"}}
        [found] = await counted(connection, document, [bought(*instants)])

    assert [Tally(total=31, newest=(NOW, NOW - timedelta(minutes=1)), upcoming=(instants[-2], instants[-1]))] == list(
        found.values()
    )
