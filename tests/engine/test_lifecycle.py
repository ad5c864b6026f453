from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import Any, cast, get_args

import pytest

from engine.campaigns import parse
from engine.errors import Conflict, DocumentError
from engine.lifecycle import Action, State, next_state, refuse_another_trigger_type

CAMPAIGN = parse({"name": "A", "trigger": {"event": "a"}, "workflow": [{"delay": "1h"}]})

ALLOWED = {
    ("draft", "start"): "running",
    ("running", "finish"): "stopping",
    ("running", "stop"): "stopped",
    ("stopping", "start"): "running",
    ("stopping", "stop"): "stopped",
    ("stopped", "start"): "running",
}


@pytest.mark.parametrize(("state", "action"), list(product(get_args(State), get_args(Action))))
def test_every_action_in_every_state_leads_on_or_is_refused_with_words(state: State, action: Action) -> None:
    if (state, action) in ALLOWED:
        assert ALLOWED[state, action] == next_state(state, action, is_empty=False)
    else:
        with pytest.raises(Conflict, match=r"It is .*\."):
            next_state(state, action, is_empty=False)


@pytest.mark.spec("13.04")
def test_with_nobody_inside_finishing_is_stopping_at_once() -> None:
    assert "stopped" == next_state("running", "finish", is_empty=True)


@dataclass(frozen=True)
class DateTrigger:
    """A type of trigger that an event campaign cannot turn into."""


@pytest.mark.spec("15.37")
def test_the_type_of_the_trigger_cannot_change() -> None:
    other = replace(CAMPAIGN, trigger=cast("Any", DateTrigger()))

    with pytest.raises(DocumentError) as refused:
        refuse_another_trigger_type(CAMPAIGN, other)

    assert "trigger" == refused.value.faults[0].place


def test_what_the_trigger_looks_for_may_change() -> None:
    page = parse({"name": "A", "trigger": {"page": "/pricing"}, "workflow": [{"delay": "1h"}]})

    refuse_another_trigger_type(CAMPAIGN, page)
