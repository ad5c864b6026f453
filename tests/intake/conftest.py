"""A scene for every test."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from intake.building import Pace
from intake.loop import Intake
from storage.database import Pool
from tests.intake.scene import START, Scene


@pytest.fixture
def slow_builds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds take a step for each person who is known, in scenes that are made from now on."""
    monkeypatch.setattr(Pace, "first", 1)
    monkeypatch.setattr(Pace, "longest", 1)


@pytest.fixture
async def scene(second: Callable[[], Awaitable[Scene]]) -> Scene:
    """A workspace of its own, empty."""
    return await second()


@pytest.fixture
def second(pool: Pool) -> Callable[[], Awaitable[Scene]]:
    """Makes one more workspace in the same record."""

    async def make() -> Scene:
        query = "INSERT INTO workspaces (name, created_at) VALUES (gen_random_uuid()::text, $1) RETURNING id"
        return Scene(pool, await pool.fetchval(query, START))

    return make


@pytest.fixture(params=[1, 2000])
def behind(scene: Scene, request: pytest.FixtureRequest) -> Scene:
    """A scene whose intake applies one input at a time, or all that wait."""
    scene.intake = Intake(scene.pool, lambda: scene.now, batch=request.param)
    return scene
