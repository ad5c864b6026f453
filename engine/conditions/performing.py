"""`{performed: {event: purchase, at_least: 3, within: 30d}}`: what is counted, how often, and since when.

What is counted is a `Question`, which is stored by itself: its count outlives the segments that ask for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Final

from engine.conditions.touching import touches
from engine.conditions.tree import Condition, Performed, Question
from engine.documents import Fields, one_of, shown
from engine.durations import parse_duration

KINDS: Final = ("event", "page", "screen")
"""Behaviour 1.33. The name of a page is its URL or path."""
LONGEST_NAME: Final = 1000
COUNTS: Final = ("at_least", "at_most", "exactly")

MOST_EVER: Final = 1_000_000
MOST_WITHIN: Final = 1_000
"""A window remembers the instant of every event that it counts; beyond this it is a matter for a report."""

_EXAMPLE: Final = "Write {event: purchase}, {page: /pricing} or {screen: Home}."
_BAR: Final = re.compile(r"(?<!\\)\|")


def read_performed(fields: Fields, where: Condition | None, *, negative: bool) -> Performed | None:
    """Read what stands behind `performed` or `not_performed`; None after appending the faults.

    `where` is what stands under that key, read by whoever reads conditions.
    """
    known = len(fields.faults)
    named = _name(fields)
    fields.take("where")
    if where is not None and touches(where).time:
        problem = "A count does not follow a date that moves with the clock."
        fields.fault("where", problem, "Write a fixed date; to count the latest events write `within`.")
    within = _window(fields)
    least, most = (1, None) if negative else _counts(fields, within)
    fields.finish()
    if named is None or len(fields.faults) > known:
        return None
    kind, name, part = named
    newest = 0 if within is None else least if most is None else most + 1
    question = known_question(Question(kind, name, part=part, where=where, newest=newest))
    return Performed(question, at_least=least, at_most=most, within=within, negative=negative)


@lru_cache(maxsize=4096)
def known_question(question: Question) -> Question:
    """Return the one object that stands for all equal questions, because identical keys are found without comparing."""
    return question


def _name(fields: Fields) -> tuple[str, str, bool] | None:
    chosen = [kind for kind in KINDS if fields.has(kind)]
    if len(chosen) != 1:
        problem = f"`{chosen[1]}` stands beside `{chosen[0]}`." if chosen else "Nothing says what is counted."
        fields.fault(chosen[1] if chosen else "", problem, "Write two conditions." if chosen else _EXAMPLE)
        return None
    kind = chosen[0]
    value = fields.take(kind)
    if kind == "page" and isinstance(value, Mapping):
        inside = Fields(value, fields.at(kind), fields.faults)
        inside.require("contains", "Write {contains: /pricing}; for the whole address write just that.")
        part = inside.text("contains", longest=LONGEST_NAME)
        inside.finish()
        if part is not None and _BAR.search(part):
            remedy = r"Write one condition for each part, in a group `any`; a bar that is meant is \|."
            inside.fault("contains", "This is more than one part of an address.", remedy)
        return None if part is None else (kind, part.replace(r"\|", "|"), True)
    name = fields.text(kind, longest=LONGEST_NAME)
    return None if name is None else (kind, name.strip(), False)


def _window(fields: Fields) -> timedelta | None:
    if not fields.has("within"):
        return None
    within = parse_duration(fields.take("within"), fields.at("within"), fields.faults)
    if within == timedelta():
        fields.fault("within", "Within no time at all nothing happens.", "Write 1m to 3650d, or leave it out for ever.")
    return within


def _counts(fields: Fields, within: timedelta | None) -> tuple[int, int | None]:
    chosen = [key for key in COUNTS if fields.has(key)]
    if not chosen:
        return 1, None
    for beside in chosen[1:]:
        fields.fault(beside, f"`{beside}` stands beside `{chosen[0]}`.", f"Write one of {one_of(COUNTS)}.")
    [key, *_] = chosen
    count = fields.take(key)
    smallest = 1 if key == "at_least" else 0
    largest = MOST_EVER if within is None else MOST_WITHIN
    if isinstance(count, bool) or not isinstance(count, int) or not smallest <= count <= largest:
        problem = f"{shown(count)} is not a number of times."
        fields.fault(key, problem, f"Write {smallest} to {largest}{'' if within is None else ' within a window'}.")
        return 1, None
    return (count if key != "at_most" else 0), (count if key != "at_least" else None)
