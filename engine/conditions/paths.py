"""People and events carry nested JSON. A path names the value, or the many values, that a condition looks at.

Grammar (behaviour 5.40-5.46): `plan`, `address.city`, `items[0].sku`, `items[].price`, `["key.with.dots"].x`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from engine.conditions.facts import MISSING
from engine.errors import Fault

LONGEST_PATH: Final = 500
MOST_STEPS: Final = 20
"""Deeper than any document that is taken in, and a bound on the work of one evaluation."""

REMEDY: Final = (
    'Write names joined by dots, with [0] for one item and [] for any: "items[].price", "a[0].b", "a[\\"b.c\\"]".'
)


class Each(Enum):
    """The type of `EACH`: the step `[]`, any item of a list."""

    EACH = "each"


EACH: Final = Each.EACH

Step = str | int | Each

_NAME: Final = re.compile(r"""[^.\[\]"'\s](?:[^.\[\]"']*[^.\[\]"'\s])?""")
_STEP: Final = re.compile(
    rf"""\.(?P<name>{_NAME.pattern})|\[(?:(?P<index>[0-9]{{1,9}})|"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>[^']*)'|)\]""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Path:
    """Steps from a JSON value to what lies inside it. `str()` gives the canonical spelling."""

    steps: tuple[Step, ...]

    @property
    def is_many(self) -> bool:
        """Whether the path can lead to several values."""
        return EACH in self.steps

    def __str__(self) -> str:
        return "".join(_spelled(step, first=place == 0) for place, step in enumerate(self.steps))


def parse_path(text: object, place: str, faults: list[Fault]) -> Path | None:
    """Read a path; append a fault and return None if the text is not one."""
    if not isinstance(text, str):
        faults.append(Fault(place=place, problem="A path is a text.", remedy=REMEDY))
        return None
    steps = _steps(text[: LONGEST_PATH + 1])
    path = Path(tuple(steps or ()))
    # The canonical spelling may be longer than the writer's, and must be readable again.
    if max(len(text), len(str(path))) > LONGEST_PATH or len(path.steps) > MOST_STEPS:
        remedy = f"Write at most {MOST_STEPS} steps and {LONGEST_PATH} characters."
        faults.append(Fault(place=place, problem="The path is too long.", remedy=remedy))
        return None
    if not steps:
        faults.append(Fault(place=place, problem=f'"{text}" is not a path.', remedy=REMEDY))
        return None
    return path


def read(steps: tuple[Step, ...], value: object) -> object:
    """Return the one value at the end of steps without `EACH`, or `MISSING`. An empty path is the value itself."""
    for step in steps:
        if type(step) is str:
            if not isinstance(value, dict) or step not in value:
                return MISSING
            value = value[step]
        elif type(step) is int:
            if not isinstance(value, list) or step >= len(value):
                return MISSING
            value = value[step]
    return value


def read_each(steps: tuple[Step, ...], value: object) -> list[Any]:
    """Return every value at the end of the steps, in order; an empty list if there is none."""
    values = [value]
    for step in steps:
        if step is EACH:
            values = [item for one in values if isinstance(one, list) for item in one]
        elif isinstance(step, str):
            values = [one[step] for one in values if isinstance(one, dict) and step in one]
        else:
            values = [one[step] for one in values if isinstance(one, list) and step < len(one)]
    return values


def _steps(text: str) -> list[Step] | None:
    # With a dot in front, every step has the same two spellings: `.name` and `[…]`.
    text = text if text.startswith("[") else f".{text}"
    steps: list[Step] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            return None
        try:
            steps.append(_step(match))
        except ValueError:  # an escape inside the quotes that JSON does not know
            return None
        position = match.end()
    return steps


def _step(match: re.Match[str]) -> Step:
    if match["name"] is not None:
        return match["name"]
    if match["index"] is not None:
        return int(match["index"])
    if match["single"] is not None:
        return match["single"]
    if match["double"] is not None:
        return str(json.loads(f'"{match["double"]}"', strict=False))
    return EACH


def _spelled(step: Step, *, first: bool) -> str:
    if step is EACH:
        return "[]"
    if isinstance(step, int):
        return f"[{step}]"
    if _NAME.fullmatch(step):
        return step if first else f".{step}"
    return f"[{json.dumps(step)}]"
