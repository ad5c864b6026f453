"""Whatever the workflow: a journey comes to an end, and gets no message twice (behaviour 6.03, 9.10)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import campaigns, journeys
from engine.decisions import Decision, Situation, State
from engine.moves import Act, Leave, Send, Wait
from tests.engine.builders import NOW, facts

MOST_MOVES = 1000
MATCHES: list[dict[str, Any]] = [
    {"trigger": {"condition": {"in": "s"}}, "grace": grace} for grace in ("at_end", "early_return", "off")
]

conditions = st.sampled_from([None, {"attribute": "a", "equals": 1}, {"in": "s"}, {"data": "x", "exists": True}])


def blocks(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Blocks without ids; `named` gives them some."""
    return st.one_of(
        st.builds(
            lambda minutes, asked: ("delay", {"for": f"{minutes}m", "if": asked}), st.integers(0, 300), conditions
        ),
        st.builds(
            lambda sending, asked: ("email", {"subject": "x", "body": "y", "sending": sending, "if": asked}),
            st.sampled_from(["automatic", "off"]),
            conditions,
        ),
        st.builds(lambda asked: ("update_person", {"set": {"x": 1}, "if": asked}), conditions),
        st.builds(
            lambda asked, then, other: ("branch", {"if": asked, "then": then, "else": other}),
            conditions,
            children,
            children,
        ),
        st.just(("exit", {})),
    )


workflows: st.SearchStrategy[list[Any]] = st.recursive(
    st.just([]), lambda children: st.lists(blocks(children), max_size=5), max_leaves=6
)


def named(workflow: list[Any], prefix: str = "m") -> list[Any]:
    written = []
    for number, (kind, body) in enumerate(workflow):
        body = {key: value for key, value in body.items() if value is not None}
        for path in ("then", "else"):
            if path in body:
                body[path] = named(body[path], f"{prefix}{number}{path[0]}")
        if kind == "email":
            body["id"] = f"{prefix}{number}"
        written.append({kind: body})
    return written


@st.composite
def travels(draw: st.DrawFn) -> tuple[campaigns.Campaign, dict[str, Any]]:
    workflow = named(draw(workflows.filter(bool)))
    goal: dict[str, Any] = draw(
        st.sampled_from([{}, {"goal": {"event": "b"}, "exit": "goal"}, {"filters": {"in": "s"}}, *MATCHES])
    )
    it = campaigns.parse({"name": "x", "trigger": {"event": "e"}, "workflow": workflow, **goal})
    return it, {
        "goal_at": draw(st.integers(0, 600)),
        "unsubscribed": draw(st.booleans()),
        "unmatched_at": draw(st.sampled_from([None, NOW, NOW + timedelta(hours=2)])),
        "data": draw(st.sampled_from([{}, {"x": 1}])),
    }


@pytest.mark.spec("6.03", "9.10")
@given(travels(), st.data())
def test_every_walk_ends_and_sends_each_message_at_most_once(
    travel: tuple[campaigns.Campaign, dict[str, Any]], data: st.DataObject
) -> None:
    it, fate = travel
    now = NOW
    stands: tuple[str | None, datetime | None, datetime | None, State] = (None, None, None, "running")
    visited: list[str] = []

    def here() -> Situation:
        person = facts(
            {"a": data.draw(st.integers(0, 1))},
            segments={"s"} if data.draw(st.booleans()) else set(),
            data=fate["data"],
        )
        block, arrived_at, due_at, state = stands
        return Situation(
            journey=1,
            campaign=it,
            campaign_state="running",
            facts=person,
            state=state,
            block=block,
            arrived_at=arrived_at,
            due_at=due_at,
            started_at=NOW,
            now=now,
            goal_met=now >= NOW + timedelta(minutes=fate["goal_at"]),
            unsubscribed=fate["unsubscribed"],
            unmatched_at=fate["unmatched_at"],
        )

    decision = journeys.enter(here())
    for _ in range(MOST_MOVES):
        if decision.state == stands[3] == "grace":
            assert stands == (decision.block, decision.arrived_at, decision.due_at, decision.state)
        stands = (decision.block, decision.arrived_at, decision.due_at, decision.state)
        match decision.move:
            case Leave():
                break
            case Wait(until=until):
                assert until > now
                # Sometimes woken early: nothing but the clock ends a delay.
                early = data.draw(st.booleans())
                now = until - timedelta(seconds=1) if early and until - timedelta(seconds=1) > now else until
                decision = journeys.next_move(here())
            case Send(block=block) | Act(block=block):
                visited.append(block)
                decision = journeys.move_on(here(), block)
    else:
        pytest.fail("the journey does not end")

    assert len(set(visited)) == len(visited)
    order = list(it.plan.blocks)
    assert sorted(visited, key=order.index) == visited
    assert _is_ended(decision)


def _is_ended(decision: Decision) -> bool:
    return decision.block is None and (decision.state == "finished") == (decision.exit_reason is None)
