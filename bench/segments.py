"""What live segments cost intake: each input may change fifty memberships, and people go in and out of them all day."""

from __future__ import annotations

from typing import Any

from bench.figures import Figure
from bench.inputs import EVENTS, Day, bare, decided
from bench.intake import ONE_EMAIL, on_an_event, on_attributes
from bench.record import empty_record
from intake import definitions
from intake.loop import Intake
from runtime.clock import system_clock
from storage.database import Connection

_WINDOWS = ("1d", "7d", "30d", "90d")
_NOBODY = "attribute-19"


async def segments(*, inputs: int, people: int) -> list[Figure]:
    """Decide a full inbox: 50 segments, 20 running campaigns that are asked again and again, nobody entering."""
    day = Day(inputs=inputs, people=people)
    async with empty_record("bench segments") as pool:
        ours = await decided(pool, day, _define)
        members = await pool.fetchval("SELECT count(*) FROM segment_members")
        rechecks = await pool.fetchval("SELECT count(*) FROM segment_rechecks")
        limit = await bare(pool, day)
    start, middle, end = ours.memory[0], ours.memory[len(ours.memory) // 2], ours.memory[-1]
    return [
        Figure(
            name="intake with 50 segments and 20 campaigns, inputs decided",
            value=inputs / ours.seconds,
            unit="1/s",
            limit=inputs / limit,
            limit_is="bare COPY + upsert of the same rows, same batches",
            goal=0.25,
            better="higher",
            details={"inputs": inputs, "people": people, "members": members, "rechecks": rechecks},
        ),
        Figure(
            name="memory of that intake at the end",
            value=end,
            unit="MB",
            limit=middle,
            limit_is="in the middle",
            goal=1.1,
            details={
                "start_mb": round(start, 1),
                "middle_mb": round(middle, 1),
                "end_mb": round(end, 1),
                "most_mb": round(max(ours.memory), 1),
            },
        ),
    ]


async def _define(connection: Connection, workspace: int, worker: Intake) -> None:
    now = system_clock()
    conditions = {f"attribute-{number}": on_attributes(number) for number in range(20)}
    conditions[_NOBODY] = {"attribute": "plan", "equals": "none"}
    conditions |= {f"window-{number}": _on_a_window(number) for number in range(20)}
    conditions |= {f"nested-{number}": _nested(number) for number in range(10)}
    for key, condition in conditions.items():
        await definitions.save_segment(connection, workspace, key, {"name": key, "condition": condition}, now=now)
    await worker.settle()
    for number in range(20):
        document = on_an_event(number, filters={"in": f"nested-{number}"}) if number < 10 else _on_a_match(number)
        await definitions.save_campaign(connection, workspace, f"campaign-{number}", document, now=now)
        await definitions.start_campaign(connection, workspace, f"campaign-{number}", now=now)


def _on_a_window(number: int) -> dict[str, Any]:
    """Return a condition on events; every fourth is that something did not happen, every other looks at the data."""
    asked: dict[str, Any] = {"event": EVENTS[number % 5], "within": _WINDOWS[number % 4]}
    if number % 2:
        asked["where"] = [{"path": "price", "greater_than": 4 * number}]
    if number % 4 == 3:
        return {"not_performed": asked}
    return {"performed": asked | {"at_least": 1 + number % 4}}


def _nested(number: int) -> dict[str, Any]:
    windows = [{"in": f"window-{number}"}, {"not_in": f"window-{number + 10}"}]
    return {"all": [{"in": f"attribute-{number}"}, {"any": windows}]}


def _on_a_match(number: int) -> dict[str, Any]:
    """Return a campaign that is asked whenever one of two segments changes, and that nobody enters."""
    segments = [f"nested-{number - 10}", f"window-{number}", _NOBODY]
    match = {"all": [{"in": key} for key in segments]}
    return {"name": f"Campaign {number}", "trigger": {"condition": match}, **ONE_EMAIL}
