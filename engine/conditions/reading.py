"""A subject and a path name values in the facts; evaluation, explanation and timing must all find the same ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.conditions.facts import MISSING, Facts
from engine.conditions.paths import Path, read, read_each
from engine.conditions.tree import Subject


def value_of(subject: Subject, path: Path) -> Callable[[Facts], Any]:
    """Return the reader of the one value of a path without `[]`; the reader gives `MISSING` if there is none."""
    if subject is not Subject.ATTRIBUTE:
        return lambda facts: read(path.steps, facts.data)
    name, rest = str(path.steps[0]), path.steps[1:]
    if not rest:
        return lambda facts: facts.attributes.get(name, MISSING)
    return lambda facts: read(rest, facts.attributes.get(name, MISSING))


def values_of(subject: Subject, path: Path) -> Callable[[Facts], list[Any]]:
    """Return the reader of all values of any path; the reader gives an empty list if there is none."""
    if subject is not Subject.ATTRIBUTE:
        return lambda facts: read_each(path.steps, facts.data)
    name, rest = str(path.steps[0]), path.steps[1:]
    return lambda facts: read_each(rest, facts.attributes[name]) if name in facts.attributes else []
