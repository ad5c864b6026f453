"""What lets many people in, or counts them, takes a while: whatever dies meanwhile, the end is that of a quiet day."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.faults.account import broken_promises, reached
from tests.faults.burst import Burst, Client, identify
from tests.faults.stack import RunningStack, email
from tests.faults.waiting import until

PEOPLE = 300
DATED = 1000
CROWD = 150_000
"""People whom a segment is built from. Half of them are asked one by one, so there is time to kill."""

pytestmark = pytest.mark.timeout(200)


@pytest.fixture
async def client(stack: RunningStack) -> AsyncIterator[Client]:
    """A client that does not give up."""
    async with Client(stack.port) as client:
        yield client


async def save(stack: RunningStack, path: str, document: dict[str, Any]) -> None:
    answer = await stack.manage.put(path, json={"name": path.rpartition("/")[2], **document})
    assert answer.is_success, answer.text


@pytest.mark.spec("1.07", "12.05", "12.08")
async def test_processes_killed_while_current_matches_are_loaded_let_everybody_in_once(
    stack: RunningStack, client: Client
) -> None:
    burst = Burst(stack.port, "loaded", PEOPLE)
    known, new = burst.people[:-20], burst.people[-20:]
    await save(stack, "segments/loaded", {"condition": {"attribute": "plan", "equals": "loaded"}})
    document = {"trigger": {"condition": {"in": "loaded"}}, "frequency": "every_match", "workflow": [email("hello")]}
    await save(stack, "campaigns/loaded", document)
    for person in known:
        await client.send(identify(person, email=burst.address(person), plan="loaded"))
    await stack.settled()

    started = await stack.manage.post("campaigns/loaded/start", json={"matches": "current_and_future", "rate": 60})
    assert started.is_success, started.text
    for number, name in ((40, "worker"), (90, "intake"), (130, "temporal"), (180, "intake")):
        await reached(number, lambda: len(stack.caught(burst.domain)), "mails caught")
        await stack.kill(name)
        for person in (new.pop() for _ in range(5)):
            await client.send(identify(person, email=burst.address(person), plan="loaded"))
    await stack.settled()

    assert {} == await broken_promises(stack, burst)
    assert "running" == (await stack.manage.get("campaigns/loaded")).json()["state"]


@pytest.mark.spec("1.07", "1.69")
async def test_processes_killed_when_a_thousand_dates_come_start_one_journey_for_each(
    stack: RunningStack, client: Client
) -> None:
    burst = Burst(stack.port, "dated", DATED)
    comes = (datetime.now(UTC) + timedelta(seconds=75)).replace(second=0, microsecond=0)
    trigger = {"date": "day", "every": "once", "at": f"{comes:%H:%M}", "timezone": "UTC"}
    await save(stack, "campaigns/dated", {"trigger": trigger, "workflow": [email("hello")]})
    assert (await stack.manage.post("campaigns/dated/start")).is_success
    for person in burst.people:
        await client.send(identify(person, email=burst.address(person), day=comes.date().isoformat()))
    await stack.settled()
    assert DATED == (await stack.query("SELECT count(*) FROM date_fires"))[0]["count"]

    await asyncio.sleep((comes - datetime.now(UTC)).total_seconds() + 0.02)
    await stack.kill("intake")
    for number, name in ((100, "worker"), (350, "temporal"), (600, "intake")):
        await reached(number, lambda: len(stack.caught(burst.domain)), "mails caught")
        await stack.kill(name)
    await stack.settled()

    assert {} == await broken_promises(stack, burst)
    assert 0 == (await stack.query("SELECT count(*) FROM date_fires"))[0]["count"]


_CROWD = """
INSERT INTO people (workspace_id, cio_id, external_id, attributes, created_at, updated_at)
SELECT workspaces.id, 'crowd-' || n, 'crowd-' || n, jsonb_build_object('size', n, 'code', n::text), $2, $2
FROM workspaces, generate_series(1, $1::int) AS n
"""
_PLACE = """
SELECT state, (SELECT count(*) FROM people WHERE external_id LIKE 'crowd-%' AND people.id <= build_cursor) AS behind
FROM segments WHERE key = 'large'
"""
_WRONG = """
SELECT external_id
FROM people
LEFT JOIN segments ON key = 'large'
LEFT JOIN segment_members AS m ON m.person_id = people.id AND m.segment_id = segments.id
WHERE external_id LIKE 'crowd-%'
  AND ((attributes ->> 'size')::int > $1 OR attributes ->> 'code' LIKE '%7') <> (m.person_id IS NOT NULL)
"""


@pytest.mark.spec("1.07", "3.04", "3.05", "3.17")
async def test_processes_killed_while_a_segment_is_built_leave_exactly_its_members(
    stack: RunningStack, client: Client
) -> None:
    half = CROWD // 2
    asked = {"any": [{"attribute": "size", "greater_than": half}, {"attribute": "code", "matches": "[0-9]*7"}]}
    await save(stack, "segments/large", {"condition": {"attribute": "size", "greater_than": 10 * CROWD}})
    await save(stack, "campaigns/large", {"trigger": {"condition": {"in": "large"}}, "workflow": [email("hello")]})
    assert (await stack.manage.post("campaigns/large/start")).is_success
    await stack.settled()
    await stack.query(_CROWD, CROWD, datetime.now(UTC))

    await save(stack, "segments/large", {"condition": asked})
    joined = []
    for number, names in enumerate((["intake"], ["postgres"], ["intake"], ["intake", "temporal", "worker"]), start=1):
        await half_way(stack, number / 8)
        await asyncio.gather(*map(stack.kill, names))
        joined.append(f"crowd-{number * 1000}")  # one of the first ones, so the build has passed them by, or will soon
        await client.send(identify(joined[-1], size=CROWD))
        await client.send(identify(f"crowd-{CROWD - number}", size=0, code="0"))
    await stack.settled()

    assert [] == await stack.query(_WRONG, half)
    entered = [journey["person"]["id"] for journey in await stack.all("campaigns/large/journeys")]
    assert joined == sorted(entered)


async def half_way(stack: RunningStack, part: float) -> None:
    """Return when a part of the people was asked, and not yet everybody."""

    async def is_so() -> bool:
        [place] = await stack.query(_PLACE)
        assert "building" == place["state"]
        return bool(place["behind"] >= part * CROWD)

    await until(is_so, within=60, what=f"{part:.0%} of the people are asked")
