"""How long a grace period is hangs on when somebody stopped matching, whatever was edited since (behaviour 10.51)."""

from __future__ import annotations

from datetime import datetime

import pytest

from storage import inbox
from tests.intake.scene import Scene

PRO = {"attribute": "plan", "equals": "pro"}
PAID = {"any": [PRO, {"attribute": "plan", "equals": "team"}]}


@pytest.fixture
async def inside(slow_builds: None, scene: Scene) -> Scene:
    """Ada is inside, because she is pro; builds take a step for each of the two who are known."""
    await scene.segment("paying", PRO)
    await scene.campaign(
        "trial", trigger={"condition": {"in": "paying"}}, exit="stopped_matching", grace="early_return"
    )
    await scene.send(scene.identify("ada", plan="pro"), scene.identify("bob", plan="free"))
    return scene


async def stopped_at(scene: Scene) -> datetime | None:
    found: datetime | None = await scene.one("SELECT unmatched_at FROM journeys")
    return found


@pytest.mark.spec("10.51")
async def test_who_stops_or_begins_to_match_while_a_segment_is_built_is_noted_at_once(inside: Scene) -> None:
    await inside.segment("paying", PAID, build=False)
    noted = []
    for plan in ("free", "team"):
        inside.now = inside.now.replace(minute=inside.now.minute + 1)
        async with inside.pool.acquire() as connection:
            await inbox.append(connection, [inside.identify("ada", plan=plan)])
        await inside.intake.apply()
        noted.append((await stopped_at(inside), await inside.one("SELECT state FROM segments")))

    assert [(inside.now.replace(minute=1), "building"), (None, "building")] == noted


@pytest.mark.spec("10.51")
async def test_who_matched_again_by_an_edit_stops_matching_anew(inside: Scene) -> None:
    await inside.send(inside.identify("ada", plan="team"))
    await inside.segment("paying", PAID)
    inside.now = inside.now.replace(minute=30)

    await inside.send(inside.identify("ada", plan="free"))

    assert inside.now == await stopped_at(inside)
