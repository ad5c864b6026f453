"""What waiting costs: the history of an ordinary journey, and how late a delay ends."""

from __future__ import annotations

import asyncio

from bench.figures import Figure, percentile
from bench.load import steady
from bench.stack import Measured, address, event
from engine import ids

_STEPS = [
    part
    for number in (1, 2, 3)
    for part in (
        {"delay": "1m"},
        {"email": {"id": f"mail{number}", "subject": f"Number {number}", "body": "<p>Hello {{customer.id}}.</p>"}},
    )
]
THREE_DELAYS = {"name": "Three delays", "key": "three-delays", "trigger": {"event": "wait"}, "workflow": _STEPS}


async def delays(stack: Measured, *, journeys: int = 60) -> list[Figure]:
    """Run journeys of three one-minute delays and three emails, spread over half a minute. Takes four minutes."""
    await stack.campaign("three-delays", THREE_DELAYS)
    people = range(journeys)
    await stack.identify(people, prefix="d")
    before = stack.mails.received
    await steady(stack.port, [event(f"d{number}", "wait") for number in people], rate=journeys / 30)
    due: dict[int, set[float]] = {}
    while stack.mails.received - before < 3 * journeys:
        rows = await stack.database.fetch(
            "SELECT p.external_id, j.due_at FROM journeys j JOIN people p ON p.id = j.person_id"
            " JOIN campaigns c ON c.id = j.campaign_id WHERE c.key = 'three-delays' AND j.due_at IS NOT NULL"
        )
        for row in rows:
            due.setdefault(int(row["external_id"][1:]), set()).add(row["due_at"].timestamp())
        await asyncio.sleep(2)
    received = stack.received()
    late = [
        at - instant
        for number in people
        for instant, at in zip(sorted(due[number]), received[address(f"d{number}")], strict=True)
    ]
    events, size = await _history(stack)
    return [
        Figure(name="history of 3 delays + 3 emails", value=events, unit="events", limit=41,
               limit_is="written by hand", goal=45, goal_for="value"),
        Figure(name="size of that history", value=size, unit="bytes", limit=4824, limit_is="written by hand",
               goal=8192, goal_for="value"),
        Figure(name="a delay ends late by, p95", value=percentile(late, 0.95), unit="s", goal=0.5, goal_for="value",
               details={"delays": len(late), "max_s": round(max(late), 3)}),
    ]  # fmt: skip


async def _history(stack: Measured) -> tuple[int, int]:
    row = await stack.database.fetchrow(
        "SELECT j.* FROM journeys j JOIN campaigns c ON c.id = j.campaign_id"
        " WHERE c.key = 'three-delays' ORDER BY j.id LIMIT 1"
    )
    assert row is not None
    workflow = ids.journey_workflow(row["workspace_id"], row["campaign_id"], row["person_id"], row["occurrence"])
    history = await stack.temporal.get_workflow_handle(workflow).fetch_history()
    return len(history.events), sum(event.ByteSize() for event in history.events)
