"""How many and which people match a condition is known before it is saved, and is what the segment would hold."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from engine.conditions import Scope
from engine.errors import Conflict, InputError
from intake import preview as previews
from intake.preview import Preview, preview
from tests.engine.conditions.builders import read
from tests.intake.scene import Scene


async def look(scene: Scene, condition: Any, *, limit: int = 10) -> Preview:
    async with scene.pool.acquire() as connection:
        return await preview(connection, scene.workspace, read(condition, Scope.PERSON), limit=limit, now=scene.now)


def named(found: Preview) -> list[str | None]:
    return [one.external_id for one in found.people]


@pytest.fixture
async def crowd(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Seven people, of whom the odd ones are pro, looked at three at a time."""
    monkeypatch.setattr(previews, "_PAGE", 3)
    monkeypatch.setattr(previews, "_CHUNK", 2)
    await scene.send(*[scene.identify(f"p{n}", plan="pro" if n % 2 else "basic", seats=n) for n in range(7)])
    return scene


async def test_everybody_is_counted_and_the_first_are_named(crowd: Scene) -> None:
    found = await look(crowd, {"attribute": "seats", "at_least": 2}, limit=3)

    assert (5, False, ["p2", "p3", "p4"]) == (found.matching, found.is_at_least, named(found))


async def test_whom_only_python_can_judge_stand_in_their_place(crowd: Scene) -> None:
    condition = {"any": [{"attribute": "plan", "matches": "p.*"}, {"attribute": "seats", "one_of": [2, 6]}]}
    found = await look(crowd, condition, limit=4)

    assert (5, ["p1", "p2", "p3", "p5"]) == (found.matching, named(found))


async def test_nobody_matches(crowd: Scene) -> None:
    assert Preview(matching=0, is_at_least=False, people=[]) == await look(crowd, {"attribute": "x", "exists": True})


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"performed": {"event": "bought", "at_least": 2}}, "p1"),
        ({"performed": {"event": "bought", "within": "3d", "where": [{"path": "sku", "matches": "A.*"}]}}, "p3"),
        ({"not_performed": {"event": "bought", "within": "1d"}}, "p0 p1 p2 p3 p4 p6"),
        ({"not_performed": {"event": "bought", "within": "3d"}}, ""),
        ({"device": [{"path": "platform", "equals": "ios"}]}, "p1 p4"),
        ({"no_device": {}}, "p0 p2 p3 p5 p6"),
        ({"in": "buyers"}, "p1 p2 p3 p5"),
        ({"not_in": "buyers"}, "p0 p4 p6"),
        ({"not_in": "nowhere"}, "p0 p1 p2 p3 p4 p5 p6"),
        ({"attribute": "id", "one_of": ["p1", "p4"]}, "p1 p4"),
    ],
    ids=str,
)
@pytest.mark.parametrize("is_asked_one_by_one", [False, True])
async def test_a_preview_names_whom_the_segment_will_hold(
    crowd: Scene, condition: Any, expected: str, *, is_asked_one_by_one: bool
) -> None:
    device = {"device": {"id": "d", "platform": "ios", "last_used": 1}}
    await crowd.send(crowd.about("device", "p1", **device), crowd.about("device", "p4", **device))
    await crowd.send(*[crowd.event(who, "bought", data={"sku": "B"}) for who in ("p1", "p1", "p2")])
    await crowd.send(crowd.event("p3", "bought", data={"sku": "A1"}))
    await crowd.segment("buyers", {"performed": {"event": "bought"}})
    await crowd.advance(days=2)
    await crowd.send(crowd.event("p5", "bought", data={"sku": "B"}))
    asked = {"all": [condition, {"attribute": "plan", "matches": ".*"}]} if is_asked_one_by_one else condition

    found = await look(crowd, asked)
    await crowd.segment("saved", asked)

    assert (expected.split(), len(expected.split())) == (named(found), found.matching)
    assert expected.split() == await crowd.members("saved")


async def test_a_preview_waits_for_the_segments_it_asks_about(crowd: Scene) -> None:
    await crowd.segment("pro", {"attribute": "plan", "equals": "pro"}, build=False)

    with pytest.raises(Conflict, match='"pro" is being built'):
        await look(crowd, {"not_in": "pro"})


async def test_when_time_is_up_the_answer_says_so(crowd: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "_PATIENCE", -1.0)
    found = await look(crowd, {"attribute": "seats", "exists": True})

    assert (3, True, ["p0", "p1", "p2"]) == (found.matching, found.is_at_least, named(found))


async def test_a_condition_that_takes_too_long_is_refused(crowd: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "_MOST_OF_ONE", timedelta(milliseconds=1))
    condition = {"any": [{"performed": {"event": f"e{n}", "within": "1d"}} for n in range(100)]}

    with pytest.raises(InputError, match="condition: To ask everybody takes too long"):
        await look(crowd, condition)


async def test_other_workspaces_are_not_asked(crowd: Scene, second: Callable[[], Awaitable[Scene]]) -> None:
    other = await second()
    await other.send(other.identify("stranger", plan="pro"))

    assert 3 == (await look(crowd, {"attribute": "plan", "equals": "pro"})).matching
