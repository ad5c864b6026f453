"""Which state a campaign is in says who may enter and what may be sent, so no action may lead to a state by surprise.

The table of behaviour 13, as far as actions exist: every pair that is not in it is refused with what to do instead.
"""

from __future__ import annotations

from typing import Final, Literal

from engine.campaigns import Campaign
from engine.errors import Conflict, DocumentError, Fault

State = Literal["draft", "starting", "running", "stopping", "stopped", "archived"]

INHABITED: Final[frozenset[State]] = frozenset({"starting", "running", "stopping"})
"""States in which people may be inside and go on."""

StopMode = Literal["finish", "now"]
"""What a stop does to those inside: they finish, or every journey ends (behaviour 13.02)."""

Action = Literal["start", "finish", "stop", "archive", "unarchive"]
"""`start` also restarts. `finish` lets whoever is inside finish, `stop` ends every journey now (behaviour 13.02)."""

_NEXT: Final[dict[tuple[State, Action], State]] = {
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

_REFUSALS: Final[dict[tuple[State, Action], tuple[str, str]]] = {
    ("draft", "finish"): ("It is a draft: nobody is inside.", "Start it first."),
    ("draft", "stop"): ("It is a draft: nobody is inside.", "Start it first."),
    ("draft", "unarchive"): ("It is a draft.", "Only what is archived can be brought back."),
    ("starting", "start"): (
        "It is starting already.",
        "Those who match now are still entering: wait, or stop it first.",
    ),
    ("running", "start"): (
        "It is running already.",
        "A saved change needs no restart: journeys follow the latest version.",
    ),
    ("stopping", "finish"): ("It is stopping already.", "Stop it now to end the journeys that are left."),
    ("stopped", "finish"): ("It is stopped already.", "There is nothing to stop."),
    ("stopped", "stop"): ("It is stopped already.", "There is nothing to stop."),
    ("stopped", "unarchive"): ("It is stopped.", "Only what is archived can be brought back."),
    ("starting", "archive"): ("It is starting.", "Stop it first: nobody may be inside."),
    ("running", "archive"): ("It is running.", "Stop it first: nobody may be inside."),
    ("stopping", "archive"): (
        "It is stopping: some are still inside.",
        "Wait until it is stopped, or end their journeys with `sojourn campaigns stop KEY --now`.",
    ),
    **{(state, "unarchive"): (f"It is {state}.", "Only what is archived can be brought back.") for state in INHABITED},
    ("archived", "archive"): ("It is archived already.", "There is nothing to put away."),
    ("archived", "start"): ("It is archived.", "Bring it back first, with `sojourn campaigns unarchive KEY`."),
    ("archived", "finish"): ("It is archived.", "Nobody is inside: there is nothing to stop."),
    ("archived", "stop"): ("It is archived.", "Nobody is inside: there is nothing to stop."),
}
"""What is wrong and what to do instead, of every pair that leads nowhere."""


def next_state(state: State, action: Action, *, is_empty: bool) -> State:
    """Return the state an action leads to. `is_empty` says that no journey of the campaign is open (behaviour 13.04).

    Raises Conflict, with what to do instead, if the state does not allow the action.
    """
    following = _NEXT.get((state, action))
    if following is None:
        problem, remedy = _REFUSALS[state, action]
        raise Conflict(problem, remedy, place="key")
    return "stopped" if following == "stopping" and is_empty else following


def refuse_another_trigger_type(before: Campaign, after: Campaign) -> None:
    """Raise DocumentError if a campaign that has been started once would get a trigger of another type (15.37).

    What the trigger looks for may change freely: another event, other segments, another date (behaviour 15.30, 15.32).
    """
    if before.trigger.type != after.trigger.type:
        raise DocumentError(
            [
                Fault(
                    place="trigger",
                    problem="The type of the trigger cannot change once the campaign has been started.",
                    remedy="Keep the type, or save this as a new campaign under another key.",
                )
            ]
        )
