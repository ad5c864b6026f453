"""A condition asked of everybody in SQL, and of one person in Python: two forms of one rule, which always agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.conditions import MISSING, Condition, Scope, holds, next_change
from engine.instants import EPOCH, parse_instant
from storage import partitions
from storage.building import build_page
from storage.database import Connection, Pool
from tests.engine.conditions import documents
from tests.engine.conditions.builders import NOW, Happened, person, read


@dataclass(frozen=True, kw_only=True)
class Somebody:
    """A person with all that a segment can ask about."""

    attributes: dict[str, Any] = field(default_factory=dict)
    created_at: datetime = NOW - timedelta(days=5)
    events: Sequence[Happened] = ()
    devices: Sequence[dict[str, Any]] = ()
    segments: frozenset[str] = frozenset()
    email: str | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What SQL said of one person. `holds` None: it leaves them to Python."""

    holds: bool | None
    due_at: datetime | None


def can_be_kept(value: Any) -> bool:
    """Whether jsonb holds a value: no NUL in a text."""
    if isinstance(value, str):
        return "\0" not in value
    if isinstance(value, dict):
        return all(can_be_kept(one) for pair in value.items() for one in pair)
    return not isinstance(value, list) or all(map(can_be_kept, value))


attributes = documents.objects.filter(can_be_kept)
somebody = st.builds(
    Somebody,
    attributes=st.builds(
        lambda given, created: given | created,
        attributes,
        st.just({}) | (documents.moments | documents.values).filter(can_be_kept).map(lambda at: {"created_at": at}),
    ),
    created_at=documents.instants,
    events=documents.events.filter(lambda events: all(can_be_kept(event.data) for event in events)),
    devices=documents.devices,
    segments=st.frozensets(st.sampled_from(documents.SEGMENTS)),
    email=st.none() | st.just("pro"),
)


async def ask(connection: Connection, condition: Condition, people: Sequence[Somebody]) -> list[tuple[Answer, Any]]:
    """Return for each person what SQL said, and the attributes as the record gives them back."""
    workspace = await connection.fetchval(
        "INSERT INTO workspaces (name, created_at) VALUES (gen_random_uuid()::text, $1) RETURNING id", NOW
    )
    segments = {key: await _segment(connection, workspace, key) for key in (*documents.SEGMENTS, "asked")}
    await partitions.prepare(connection, [NOW])
    if not people:
        return []
    ids = await _write(connection, workspace, people, segments)
    unclear = await build_page(
        connection, workspace, segments["asked"], condition, segments, after=ids[0] - 1, last=ids[-1], now=NOW
    )
    members = await connection.fetch("SELECT person_id FROM segment_members WHERE segment_id = $1", segments["asked"])
    inside = {row["person_id"] for row in members}
    rechecks = await connection.fetch("SELECT person_id, due_at FROM segment_rechecks")
    due = {row["person_id"]: row["due_at"] for row in rechecks}
    kept = await connection.fetch("SELECT id, attributes FROM people WHERE workspace_id = $1", workspace)
    stored = {row["id"]: row["attributes"] for row in kept}
    said = {id_: Answer(holds=None if id_ in unclear else id_ in inside, due_at=due.get(id_)) for id_ in ids}
    return [(said[id_], stored[id_]) for id_ in ids]


async def _segment(connection: Connection, workspace: int, key: str) -> int:
    return int(
        await connection.fetchval(
            "INSERT INTO segments (workspace_id, key, name, kind, state, created_at, updated_at) "
            "VALUES ($1, $2, $2, 'manual', 'ready', $3, $3) RETURNING id",
            workspace,
            key,
            NOW,
        )
    )


async def _write(
    connection: Connection, workspace: int, people: Sequence[Somebody], segments: dict[str, int]
) -> list[int]:
    ids = []
    for one in people:
        first = min((event.at for event in one.events), default=None)
        row = (workspace, one.email, one.attributes, first, one.created_at)
        ids.append(int(await connection.fetchval(_PERSON, *row)))
    events = [
        (workspace, id_, event.kind, event.name, data_of(event), event.at, NOW)
        for id_, one in zip(ids, people, strict=True)
        for event in one.events
    ]
    await connection.executemany(_EVENT, events)
    devices = [
        (id_, str(number), device["platform"], EPOCH + timedelta(seconds=device["last_used"]))
        for id_, one in zip(ids, people, strict=True)
        for number, device in enumerate(one.devices)
    ]
    await connection.executemany("INSERT INTO devices VALUES ($1, $2, $3, $4, '{}')", devices)
    members = [(segments[key], id_, NOW) for id_, one in zip(ids, people, strict=True) for key in one.segments]
    await connection.executemany("INSERT INTO segment_members VALUES ($1, $2, $3)", members)
    return ids


_PERSON: Final = """
INSERT INTO people (workspace_id, cio_id, email, attributes, first_event_at, created_at, updated_at)
VALUES ($1, gen_random_uuid()::text, $2, $3, $4, $5, $5)
RETURNING id
"""
_EVENT: Final = """
INSERT INTO events (workspace_id, person_id, kind, name, data, occurred_at, received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


def data_of(event: Happened) -> Any:
    """Return the data of an event as the record keeps it."""
    return {} if event.data in (MISSING, None) else event.data


def known_since(one: Somebody) -> datetime:
    """As intake knows it: the first of creation here, creation there, and the earliest event (behaviour 3.10)."""
    instants = [one.created_at, parse_instant(one.attributes.get("created_at")), *(event.at for event in one.events)]
    return min(instant for instant in instants if instant is not None)


def disagreement(condition: Condition, one: Somebody, said: Answer, stored: Any) -> str | None:
    events = [replace(event, data=data_of(event)) for event in one.events]
    facts = person(
        condition,
        events,
        known_since=known_since(one),
        devices=one.devices,
        attributes=stored if one.email is None else stored | {"email": one.email},
        segments=one.segments,
    )
    if said.holds is None:
        return None
    if said.holds != holds(condition, facts):
        return f"SQL says {said.holds}"
    change = next_change(condition, facts)
    if change is not None and (said.due_at is None or said.due_at > change):
        return f"the truth may change at {change}, and SQL looks again at {said.due_at}"
    return None


@pytest.mark.timeout(180)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(document=documents.asked.filter(can_be_kept), people=st.lists(somebody, max_size=6))
async def test_sql_and_python_agree_about_everybody(pool: Pool, document: Any, people: list[Somebody]) -> None:
    condition = read(document, Scope.PERSON)
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            answers = await ask(connection, condition, people)
        finally:
            await transaction.rollback()

    found = [disagreement(condition, one, *answer) for one, answer in zip(people, answers, strict=True)]

    assert [None] * len(people) == found


@pytest.mark.parametrize("path", ["x[0]", "x[0].y", "x[0][0]", "x[0][]", "x[]"])
@pytest.mark.parametrize("operator", [{"exists": True}, {"not_equals": 5}, {"contains": "a"}], ids=str)
async def test_only_a_list_has_items(pool: Pool, path: str, operator: dict[str, Any]) -> None:
    condition = read({"attribute": path, **operator}, Scope.PERSON)
    given: tuple[Any, ...] = (5, "a", True, None, {"0": 5}, [5], ["a"], [[5]], [{"y": 5}], [])
    people = [Somebody(attributes={"x": one}) for one in given]
    async with pool.acquire() as connection, connection.transaction():
        answers = await ask(connection, condition, people)

    assert [None] * len(people) == [
        disagreement(condition, one, *answer) for one, answer in zip(people, answers, strict=True)
    ]
    assert all(said.holds is not None for said, _ in answers)


async def test_a_deep_path_stays_short(pool: Pool) -> None:
    condition = read({"attribute": "x" + "[0]" * 19, "equals": 5}, Scope.PERSON)
    nested: Any = 5
    for _ in range(19):
        nested = [nested]
    ada = Somebody(attributes={"x": nested})
    async with pool.acquire() as connection, connection.transaction():
        [(said, _)] = await ask(connection, condition, [ada])

    assert said.holds is True


@pytest.mark.parametrize(
    "document",
    [
        {"attribute": "plan", "equals": "pro"},
        {"attribute": "plan", "one_of": ["pro", "team"]},
        {"attribute": "plan", "not_contains": "free|trial"},
        {"attribute": "plan", "starts_with": "p"},
        {"attribute": "seats", "greater_than": 3},
        {"attribute": "seats", "between": [1, 10]},
        {"attribute": "vip", "is_true": True},
        {"attribute": "tags[]", "equals": "blue"},
        {"attribute": "items[]", "same_item": [{"path": "sku", "equals": "A"}, {"path": "n", "at_least": 2}]},
        {"attribute": "renews_at", "before": {"from_now": "7d"}},
        {"performed": {"event": "bought", "at_least": 2, "within": "30d", "where": [{"path": "total", "at_least": 5}]}},
        {"not_performed": {"event": "bought", "within": "1d"}},
        {"device": [{"path": "platform", "equals": "ios"}]},
    ],
    ids=str,
)
async def test_plain_data_is_never_left_to_python(pool: Pool, document: Any) -> None:
    ada = Somebody(
        attributes={
            "plan": "pro",
            "seats": 5,
            "vip": True,
            "tags": ["red", "blue"],
            "items": [{"sku": "A", "n": 1}, {"sku": "B", "n": 2}],
            "renews_at": 1_718_000_000,
            "created_at": 1_600_000_000,
        },
        events=[Happened(at=NOW - timedelta(days=2), data={"total": 9}), Happened(at=NOW, data={"total": 1})],
        devices=[{"platform": "ios", "last_used": 1_718_000_000}],
    )
    condition = read(document, Scope.PERSON)
    async with pool.acquire() as connection, connection.transaction():
        [(said, stored), (of_nobody, nothing)] = await ask(connection, condition, [ada, Somebody()])

    assert said.holds is not None
    assert of_nobody.holds is not None
    assert (None, None) == (
        disagreement(condition, ada, said, stored),
        disagreement(condition, Somebody(), of_nobody, nothing),
    )
