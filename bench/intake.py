"""How many inputs a second intake decides, beside bare COPY and upsert of the same rows in the same batches."""

from __future__ import annotations

from typing import Any

from bench.figures import Figure
from bench.inputs import EVENTS, PLANS, Day, bare, decided
from bench.record import empty_record
from intake import definitions
from intake.loop import Intake
from runtime.clock import system_clock
from storage.database import Connection


async def intake(*, inputs: int = 100_000, people: int = 20_000) -> list[Figure]:
    """Decide a full inbox: 20 segments, 10 running campaigns whose triggers nearly match, nobody entering."""
    day = Day(inputs=inputs, people=people)
    async with empty_record("bench intake") as pool:
        ours = await decided(pool, day, _define)
        limit = await bare(pool, day)
    return [
        Figure(
            name="intake, inputs decided",
            value=inputs / ours.seconds,
            unit="1/s",
            limit=inputs / limit,
            limit_is="bare COPY + upsert of the same rows, same batches",
            goal=0.25,
            better="higher",
            details={"inputs": inputs, "people": people},
        )
    ]


async def _define(connection: Connection, workspace: int, worker: Intake) -> None:
    now = system_clock()
    for number in range(20):
        named = {"name": f"Segment {number}", "condition": on_attributes(number)}
        await definitions.save_segment(connection, workspace, f"segment-{number}", named, now=now)
    await worker.settle()
    for number in range(10):
        document = on_an_event(number, filters={"in": f"segment-{number}"})
        await definitions.save_campaign(connection, workspace, f"campaign-{number}", document, now=now)
        await definitions.start_campaign(connection, workspace, f"campaign-{number}", now=now)


def on_attributes(number: int) -> dict[str, Any]:
    """Return a condition that people go in and out of all day long."""
    some: list[Any] = [
        {"attribute": "visits", "greater_than": number * 2},
        {"attribute": "address.zip", "equals": 7},
    ]
    return {"all": [{"attribute": "plan", "one_of": list(PLANS[: 1 + number % 4])}, {"any": some}]}


def on_an_event(number: int, *, filters: dict[str, Any]) -> dict[str, Any]:
    """Return a campaign that each of its events has to be compared with, and that nobody enters."""
    return {
        "name": f"Campaign {number}",
        "trigger": {"event": EVENTS[number % 5], "where": [{"path": "items[].category", "equals": f"hat {number}"}]},
        "filters": filters,
        **ONE_EMAIL,
    }


ONE_EMAIL: dict[str, Any] = {
    "from": "bench@bench.example",
    "workflow": [{"email": {"id": "hello", "subject": "Hello", "body": "Hello"}}],
}
