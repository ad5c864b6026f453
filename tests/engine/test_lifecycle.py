from __future__ import annotations

from itertools import permutations, product
from typing import Any, get_args

import pytest

from engine.campaigns import Campaign, parse
from engine.errors import Conflict, DocumentError
from engine.lifecycle import Action, State, next_state, refuse_another_trigger_type

BIRTHDAY: dict[str, Any] = {"date": "birthday", "every": "year", "at": "09:00", "timezone": "UTC"}

ALLOWED = {
    ("draft", "start"): "running",
    ("starting", "finish"): "stopping",
    ("starting", "stop"): "stopped",
    ("running", "finish"): "stopping",
    ("running", "stop"): "stopped",
    ("stopping", "start"): "running",
    ("stopping", "stop"): "stopped",
    ("stopped", "start"): "running",
    ("draft", "archive"): "archived",
    ("stopped", "archive"): "archived",
    ("archived", "unarchive"): "stopped",
}


@pytest.mark.parametrize(("state", "action"), list(product(get_args(State), get_args(Action))))
def test_every_action_in_every_state_leads_on_or_is_refused_with_words(state: State, action: Action) -> None:
    if (state, action) in ALLOWED:
        assert ALLOWED[state, action] == next_state(state, action, is_empty=False)
    else:
        with pytest.raises(Conflict, match=r"It is .*\."):
            next_state(state, action, is_empty=False)


def test_a_campaign_that_is_being_left_is_put_away_later_and_not_stopped_first() -> None:
    with pytest.raises(Conflict, match="Wait until it is stopped") as refused:
        next_state("stopping", "archive", is_empty=False)

    assert "Stop it first" not in str(refused.value)


def test_what_is_archived_is_started_after_a_command_that_is_named() -> None:
    with pytest.raises(Conflict, match="`sojourn campaigns unarchive KEY`"):
        next_state("archived", "start", is_empty=True)


@pytest.mark.spec("13.04")
def test_with_nobody_inside_finishing_is_stopping_at_once() -> None:
    assert "stopped" == next_state("running", "finish", is_empty=True)


def triggered_by(trigger: object) -> Campaign:
    return parse({"name": "A", "trigger": trigger, "workflow": [{"delay": "1h"}]})


TYPES: list[list[Campaign]] = [
    [triggered_by({"event": "a"}), triggered_by({"event": "b"}), triggered_by({"page": "/pricing"})],
    [triggered_by({"form": "a"}), triggered_by({"form": "b"})],
    [triggered_by({"condition": {"in": "a"}}), triggered_by({"condition": {"not_in": "b"}})],
    [triggered_by(BIRTHDAY), triggered_by(BIRTHDAY | {"date": "joined", "every": "month", "days_after": 1})],
    [triggered_by("webhook"), triggered_by({"webhook": {}})],
]


@pytest.mark.spec("15.37")
@pytest.mark.parametrize(("before", "after"), list(permutations([group[0] for group in TYPES], 2)))
def test_the_type_of_the_trigger_cannot_change(before: Campaign, after: Campaign) -> None:
    with pytest.raises(DocumentError) as refused:
        refuse_another_trigger_type(before, after)

    assert "trigger" == refused.value.faults[0].place


@pytest.mark.parametrize(("before", "after"), [pair for group in TYPES for pair in permutations(group, 2)])
def test_what_the_trigger_looks_for_may_change(before: Campaign, after: Campaign) -> None:
    refuse_another_trigger_type(before, after)
