"""Blocks must keep their identity while the document around them is edited, or people in flight lose their place.

So every block has an id. Messages are named by the writer. Any other block without a name is called after what stands
before it: `start.delay`, `nudge.branch`, `nudge.branch.then.delay`. Edits elsewhere never move that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import Any, Final

from engine import conditions
from engine.documents import Fields, one_of, shown
from engine.errors import Fault
from engine.plans import Path, Plan
from engine.spelling import meant, mistyped
from engine.steps import KINDS, MessageStep, Step, ab_test
from engine.steps.reading import Reading

MOST_BLOCKS: Final = 500
MOST_DEPTH: Final = 10
LONGEST_ID: Final = 60
LONGEST_AUTOMATIC_ID: Final = 200
START: Final = "start"

_WORD: Final = rf"[a-z0-9_-]{{1,{LONGEST_ID}}}"
ID_PATTERN: Final = rf"^{_WORD}$"
ANY_ID_PATTERN: Final = rf"^{_WORD}(\.{_WORD})*$"
"""Written ids, and the dotted ones of a document that was read before."""


def read_plan(value: object, place: str, faults: list[Fault]) -> Plan:
    """Read the `workflow` of a campaign."""
    if value is None or value == []:
        faults.append(Fault(place=place, problem="There are no blocks.", remedy="Write one, such as `- exit`."))
        return Plan(())
    reader = _Reader(value, faults)
    try:
        return Plan(reader.path(value, place, START, depth=1))
    except _TooManyError:
        return Plan(())


def write_plan(plan: Plan) -> list[dict[str, Any]]:
    """Return the document form with all ids written: `read_plan(write_plan(p)) == p`."""
    return _write_path(plan.steps)


def placed(path: Path, place: str) -> Iterator[tuple[str, Step, Step | None]]:
    """Yield every block of a path that stands at a place: its own place, itself, and the one before it in its path."""
    for number, (step, before) in enumerate(zip(path, (None, *path), strict=False)):
        here = f"{place}[{number}].{step.kind}"
        yield here, step, before
        for name, inside in step.paths().items():
            yield from placed(inside, f"{here}.{name}")


def _write_path(path: Path) -> list[dict[str, Any]]:
    return [{step.kind: _write_block(step)} for step in path]


def _write_block(step: Step) -> dict[str, Any]:
    test = ab_test.document(step) if isinstance(step, MessageStep) else {}
    condition = {} if step.condition is None else {"if": conditions.document(step.condition)}
    paths = {name: _write_path(inside) for name, inside in step.paths().items() if inside}
    return {"id": step.id, **step.body(), **test, **condition, **paths}


class _TooManyError(Exception):
    """The fault is recorded, and reading on would only add to it."""


class _Reader:
    def __init__(self, value: object, faults: list[Fault]) -> None:
        self.faults = faults
        self.written = _written_ids(value)
        self.given: set[str] = set()
        self.count = 0

    def path(self, value: object, place: str, anchor: str, *, depth: int) -> Path:
        if value is None:
            return ()
        if not isinstance(value, list):
            self.fault(place, f"This is {shown(value)}, where a list of blocks belongs.", "Write `- delay: 1h`.")
            return ()
        if depth > MOST_DEPTH:
            self.fault(place, f"Branches are nested more than {MOST_DEPTH - 1} deep.", "Split the campaign.")
            return ()
        steps: list[Step] = []
        for number, one in enumerate(value):
            before = steps[-1].id if steps else anchor
            step = self.block(one, f"{place}[{number}]", before, depth=depth)
            if step is not None:
                steps.append(step)
        return tuple(steps)

    def block(self, value: object, place: str, before: str, *, depth: int) -> Step | None:
        if self.count == MOST_BLOCKS:
            self.fault(place, f"There are more than {MOST_BLOCKS} blocks.", "Split the campaign.")
            raise _TooManyError
        self.count += 1
        chosen = self.kind(value, place)
        if chosen is None:
            return None
        kind, body = chosen
        if body is None:
            body = {}
        elif not isinstance(body, Mapping) and kind.shorthand is not None:
            body = {kind.shorthand: body}
        elif not isinstance(body, Mapping):
            remedy = f"Write {kind.form}."
            self.fault(f"{place}.{kind.kind}", f"This is {shown(body)}, where keys with values belong.", remedy)
            return None
        fields = Fields(body, f"{place}.{kind.kind}", self.faults)
        block = self.id(fields, kind, before)
        reading = Reading(id=block, fields=fields, read_path=partial(self.path, depth=depth + 1))
        step = kind.parse(reading)
        if isinstance(step, MessageStep) and step.can_be_tested:
            step = ab_test.parse(type(step), reading, step)
        fields.finish(elsewhere=_elsewhere(kind))
        return step

    def kind(self, value: object, place: str) -> tuple[type[Step], object] | None:
        if isinstance(value, str) and value in KINDS:
            if KINDS[value].bare:
                return KINDS[value], None
            self.fault(place, f"`{value}` says nothing more.", f"Write `{value}:` and what it needs.")
        elif not isinstance(value, Mapping) or not value:
            self.fault(place, f"This is {shown(value)}, where a block belongs.", f"Write one of {one_of(list(KINDS))}.")
        elif len(value) > 1:
            kind = next((key for key in value if key in KINDS), next(iter(value)))
            extra = ", ".join(f"`{key}`" for key in value if key != kind)
            self.fault(place, f"Beside `{kind}` stands {extra}.", f"Write it inside: `{kind}: {{…}}`.")
            if kind in KINDS and isinstance(value[kind], Mapping):
                return KINDS[kind], value[kind]  # what it says of itself is checked in the same round
        elif (name := next(iter(value))) in KINDS:
            return KINDS[name], value[name]
        else:
            close, problem = meant(str(name)[:LONGEST_ID], KINDS), f"{shown(name)} is not a kind of block."
            if close:
                self.faults.append(mistyped(value, name, close, place=place, problem=problem))
            else:
                self.fault(f"{place}.{name}", problem, f"Write one of {one_of(list(KINDS))}.")
        return None

    def id(self, fields: Fields, kind: type[Step], before: str) -> str:
        value = fields.take("id")
        if value is None:
            return self.automatic_id(fields, kind, before)
        pattern = ID_PATTERN if kind.id_required else ANY_ID_PATTERN
        if not isinstance(value, str) or len(value) > LONGEST_AUTOMATIC_ID or not re.fullmatch(pattern, value):
            remedy = f"Write a-z, 0-9, hyphens and underscores, at most {LONGEST_ID} characters."
            fields.fault("id", f"{shown(value)} is not an id.", remedy)
        elif value in self.given:
            fields.fault("id", f"Another block is called `{value}` as well.", "Give each block an id of its own.")
        self.given.add(str(value))
        return str(value)

    def automatic_id(self, fields: Fields, kind: type[Step], before: str) -> str:
        if kind.id_required:
            remedy = "Write a short name that will never change, such as `id: welcome`: deliveries are found by it."
            fields.fault("id", "`id` is missing.", remedy)
        name = f"{before}.{kind.kind}"
        if len(name) > LONGEST_AUTOMATIC_ID:
            fields.fault("id", "The block stands too far from any block with an id.", "Write one, such as `id: pause`.")
        number, free = 1, name
        while free in self.given or free in self.written:
            number += 1
            free = f"{name}-{number}"
        self.given.add(free)
        return free

    def fault(self, place: str, problem: str, remedy: str) -> None:
        self.faults.append(Fault(place=place, problem=problem, remedy=remedy))


@cache
def _elsewhere(kind: type[Step]) -> Mapping[str, str]:
    """Return the keys of other kinds of blocks, with a sentence that says which."""
    found: dict[str, list[str]] = {}
    for other in KINDS.values():
        test = (ab_test.KEY,) if issubclass(other, MessageStep) and other.can_be_tested else ()
        for key in (*other.json_schema(), *test):
            found.setdefault(key, []).append(other.kind)
    left_out = {*kind.json_schema(), "if"}  # most blocks ask `if`, of which only a branch says so itself
    return {key: f"It belongs into {one_of(kinds)}." for key, kinds in found.items() if key not in left_out}


def _written_ids(value: object) -> set[str]:
    """Every id that the document writes, so that no automatic one takes it first."""
    ids: set[str] = set()
    left = [value]
    while left:
        node = left.pop()
        if isinstance(node, list):
            left.extend(node)
        elif isinstance(node, Mapping):
            for key, inside in node.items():
                if key in KINDS and isinstance(inside, Mapping) and isinstance(inside.get("id"), str):
                    ids.add(inside["id"])
                left.append(inside)
    return ids
