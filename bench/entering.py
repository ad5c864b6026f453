"""How soon somebody is in a campaign whose input has just completed what the campaign asks for."""

from __future__ import annotations

from typing import Any

from bench.figures import Figure, percentile
from bench.load import steady
from bench.stack import Measured, address, event, identify
from bench.watching import Watch

_RATE = 10
_SEGMENTS: dict[str, Any] = {
    "pays": {"attribute": "plan", "equals": "pro"},
    "buys": {"performed": {"event": "bought", "at_least": 3, "within": "30d"}},
}


async def entry(stack: Measured, *, seconds: float) -> list[Figure]:
    """Let one person after the other complete a segment: by an attribute and by a third event, in turn."""
    people = [f"n{number}" for number in range(int(_RATE * seconds))]
    await stack.send([identify(person, {"email": address(person), "plan": "free"}) for person in people])
    await stack.send([event(person, "bought") for person in people[1::2] for _ in range(2)])
    for key, condition in _SEGMENTS.items():
        await stack.segment(key, condition)
        await stack.campaign(key, _campaign(key))
    await stack.drained()
    completing = [
        event(person, "bought") if number % 2 else identify(person, {"plan": "pro"})
        for number, person in enumerate(people)
    ]
    async with Watch(stack) as watch:
        accepted = await steady(stack.port, completing, rate=_RATE)
        await watch.saw(len(people), patience=60)
    mails = await stack.arrived_at([address(person) for person in people])
    entered = {person: at for (_, person), at in watch.seen.items()}
    sent = dict(zip(people, accepted, strict=True))
    to_entry = {person: entered[person] - sent[person] for person in people}
    to_message = [mails[address(person)][0] - sent[person] for person in people]
    return [
        Figure(
            name=f"input that completes a segment → entry, {_RATE}/s, p95",
            value=percentile([*to_entry.values()], 0.95),
            unit="s",
            goal=0.5,
            goal_for="value",
            details={
                "entries": len(people),
                "p95_s_by_attribute": round(percentile([to_entry[person] for person in people[::2]], 0.95), 3),
                "p95_s_by_event": round(percentile([to_entry[person] for person in people[1::2]], 0.95), 3),
                "max_s": round(max(to_entry.values()), 3),
            },
        ),
        Figure(
            name=f"input that completes a segment → first message, {_RATE}/s, p95",
            value=percentile(to_message, 0.95),
            unit="s",
            goal=0.5,
            goal_for="value",
            details={"max_s": round(max(to_message), 3)},
        ),
    ]


def _campaign(segment: str) -> dict[str, Any]:
    return {
        "name": f"Whoever {segment}",
        "key": segment,
        "trigger": {"condition": {"in": segment}},
        "workflow": [{"email": {"id": "hello", "subject": "Hello", "body": "<p>Hello {{customer.id}}.</p>"}}],
    }
