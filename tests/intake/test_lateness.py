"""Whether intake keeps up or was away for hours, everybody ends up where they would have been, as of the same instants.

Days of three people are drawn by lot, with all that brings somebody into a campaign, and edits of the campaigns. One
intake applies everything when it comes, another one sleeps through most of it. Intervals are longer than that sleep:
those that pass unnoticed are not made up for one by one (docs/frequency.md).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from intake import segment_lifecycle
from storage.inbox import Input
from tests.intake.scene import START, Scene

_GAPS = (0, 0, 1, 5, 29, 30, 31, 60, 120, 360)
"""Minutes between two inputs: at windows, filters' half hours and dates, just before them and after them."""

_SEGMENTS: dict[str, Any] = {
    "pro": {"attribute": "plan", "equals": "pro"},
    "active": {"performed": {"event": "bought", "within": "6h"}},
    "lapsed": {"not_performed": {"event": "seen", "within": "4h"}},
    "twice": {"performed": {"event": "bought", "exactly": 2, "within": "12h"}},
    "mix": {"any": [{"all": [{"in": "active"}, {"not_in": "hand"}]}, {"in": "pro"}]},
}
_MATCH: dict[str, Any] = {"frequency": "every_match", "exit": "never", "workflow": ["exit"]}
_CAMPAIGNS: dict[str, Any] = {
    "once": {"trigger": {"condition": {"in": "mix"}}},
    "again": {"trigger": {"condition": {"all": [{"in": "active"}, {"not_in": "pro"}]}}, **_MATCH},
    "lapsed": {"trigger": {"condition": {"in": "lapsed"}}, **_MATCH},
    "interval": {"trigger": {"condition": {"any": [{"in": "hand"}, {"in": "twice"}]}}, "frequency": {"every": "40h"}},
    "filtered": {"trigger": {"event": "bought"}, "filters": {"in": "mix"}},
    "limited": {"trigger": {"event": "seen"}, "frequency": {"once_per": "1h"}},
    "patient": {"trigger": {"event": "seen"}, "filters": {"all": [{"in": "active"}, {"not_in": "twice"}]}},
    "birthday": {
        "trigger": {
            "date": "birthday",
            "every": "year",
            "at": "15:00",
            "timezone": "person",
            "fallback_timezone": "UTC",
        }
    },
    "gift": {
        "trigger": {"date": "birthday", "every": "year", "at": "16:00", "timezone": "UTC"},
        "filters": {"in": "active"},
    },
}

_EDITS: dict[str, list[dict[str, Any]]] = {
    "again": [{"trigger": {"condition": {"in": "active"}}, **_MATCH}, _CAMPAIGNS["again"]],
    "filtered": [{"trigger": {"event": "seen"}, "filters": {"in": "mix"}}, _CAMPAIGNS["filtered"]],
    "limited": [{"trigger": {"event": "seen"}, "frequency": "once"}, _CAMPAIGNS["limited"]],
    "gift": [
        {**_CAMPAIGNS["gift"], "trigger": {**_CAMPAIGNS["gift"]["trigger"], "at": "13:00"}},
        _CAMPAIGNS["gift"],
    ],
    "interval": [{**_CAMPAIGNS["interval"], "frequency": {"every": "50h"}}, _CAMPAIGNS["interval"]],
}

_JOURNEYS = """
    SELECT c.key, p.external_id AS who, j.started_at AS at
    FROM journeys j JOIN campaigns c ON c.id = campaign_id LEFT JOIN people p ON p.id = person_id
    WHERE c.workspace_id = $1
"""
_MEMBERS = """
    SELECT s.key, p.external_id AS who, NULL AS at
    FROM segment_members m JOIN segments s ON s.id = segment_id JOIN people p ON p.id = person_id
    WHERE s.workspace_id = $1
"""
_DUE = """
    SELECT c.key, p.external_id AS who, due.at
    FROM (SELECT campaign_id, person_id, fire_at AS at FROM date_fires
          UNION ALL SELECT campaign_id, person_id, due_at FROM reentries
          UNION ALL SELECT campaign_id, person_id, expires_at FROM filter_retries) AS due
    JOIN campaigns c ON c.id = campaign_id JOIN people p ON p.id = person_id
    WHERE c.workspace_id = $1
"""


def inputs(scene: Scene, lot: Random) -> Callable[[], Input]:
    """Return what draws the next input."""

    def identify(who: str) -> Input:
        values: dict[str, list[Any]] = {
            "plan": ["pro", "free", None],
            "birthday": ["1990-03-01", "1990-03-02", "1990-03-03", None],
            "timezone": ["Europe/Zurich", "America/New_York", None],
        }
        return scene.identify(who, **{name: lot.choice(some) for name, some in values.items() if lot.random() < 0.5})

    def event(who: str) -> Input:
        return scene.event(who, lot.choice(["bought", "seen"]))

    def members(who: str) -> Input:
        return scene.input("members", segment="hand", change=lot.choice(["add", "remove"]), by="id", ids=[who])

    def delete(who: str) -> Input:
        return scene.about("delete", who)

    def merge(who: str) -> Input:
        return scene.input("merge", primary={"id": who}, secondary={"id": lot.choice(["ada", "bob", "cy"])})

    def draw() -> Input:
        kind = lot.choice([identify] * 5 + [event] * 5 + [members] * 2 + [delete, merge])
        return kind(lot.choice(["ada", "bob", "cy"]))

    return draw


def _document(document: dict[str, Any]) -> dict[str, Any]:
    """Return a campaign that keeps people inside for a year, unless it says otherwise."""
    return {"exit": "never", "workflow": [{"delay": "365d"}], **document}


async def days(scene: Scene, seed: int, *, is_away: bool) -> dict[str, list[tuple[Any, ...]]]:
    """Live through what the lot draws, with an intake that is away between some of the inputs; return the end."""
    lot = Random(seed)
    draw = inputs(scene, lot)
    times = [timedelta(minutes=lot.choice(_GAPS)) for _ in range(lot.randint(4, 10))]
    wakes = {step for step in range(len(times)) if lot.random() < 0.3}
    async with scene.pool.acquire() as connection:
        await segment_lifecycle.create_manual(connection, scene.workspace, {"name": "hand", "key": "hand"}, now=START)
    for key, condition in _SEGMENTS.items():
        await scene.segment(key, condition)
    for key, document in _CAMPAIGNS.items():
        await scene.campaign(key, **_document(document))
    await scene.send(scene.identify("ada"), scene.identify("bob"))
    for step, gap in enumerate(times):
        if is_away and step not in wakes:
            scene.now += gap
        else:
            await scene.advance(minutes=gap.total_seconds() / 60)
        if lot.random() < 0.2:
            key = lot.choice(list(_EDITS))
            scene.now += timedelta(seconds=1)  # what is received at the very instant of an edit is of after it
            await scene.campaign(key, start=False, **_document(lot.choice(_EDITS[key])))
            scene.now += timedelta(seconds=1)
        await scene.wait(draw())
        if not is_away:
            await scene.intake.settle()
    await scene.advance(hours=30)
    found = {"journeys": _JOURNEYS, "members": _MEMBERS, "due": _DUE}
    return {
        name: sorted(map(tuple, await scene.rows(query, scene.workspace)), key=repr) for name, query in found.items()
    }


@pytest.mark.spec("1.14", "1.68", "2.04", "2.22", "3.09", "4.12", "15.30", "15.32", "15.34")
@pytest.mark.parametrize("seed", range(16))
async def test_the_end_is_the_same_however_late_it_is_applied(
    second: Callable[[], Awaitable[Scene]], seed: int
) -> None:
    assert await days(await second(), seed, is_away=False) == await days(await second(), seed, is_away=True)
