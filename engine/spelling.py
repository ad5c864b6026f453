"""A mistyped key hides what is wrong behind it, and whoever corrects it would learn of that only in the next round.

So a document with keys that are right but for a letter or two is read once more as though they were right. What is
wrong then is told in the places of the document as it is written.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from engine.errors import Fault

LIKELY: Final = 0.6
SURE: Final = 0.75
"""How alike two words are, from 0 to 1: worth a question, and but for two letters the same. `nmae` is `name`."""

_LONGEST: Final = 200
"""Characters of a word. The likeness of long texts is expensive, and never what was meant."""
_ROUNDS: Final = 5
"""Mistyped keys inside each other that are looked behind: more than anybody writes, and each costs a reading."""


@dataclass(frozen=True, kw_only=True)
class Misspelt(Fault):
    """A key that is not known, and all but surely stands for one that is and is not there."""

    inside: Mapping[Any, Any] = field(compare=False, repr=False)
    """The mapping of the document that has it."""
    key: object
    meant: str
    right: str
    """The place, were it spelled right."""


def meant(word: str, known: Iterable[str], *, likeness: float = LIKELY) -> str | None:
    """Return the known word that a mistyped one probably stands for."""
    return next(iter(difflib.get_close_matches(word[:_LONGEST], known, n=1, cutoff=likeness)), None)


def alike(word: str, others: Iterable[str], *, most: int = 3) -> list[str]:
    """Return the words that may be the same one, spelled by somebody else: `order-placed`, `orderPlaced`."""
    letters = {other: _letters(other) for other in others if other != word and _letters(other)}
    close = difflib.get_close_matches(_letters(word), set(letters.values()), n=most, cutoff=SURE)
    return sorted((one for one in letters if letters[one] in close), key=lambda one: close.index(letters[one]))[:most]


def _letters(word: str) -> str:
    return "".join(filter(str.isalnum, word[:_LONGEST].casefold()))


def mistyped(inside: Mapping[Any, Any], key: object, likely: str, *, place: str, problem: str) -> Fault:
    """Return the fault of a key that is not known in a mapping, which stands at a place, and of what was meant."""
    before, word = f"{place}." if place else "", str(key)[:_LONGEST]
    at, remedy = before + word, f"Did you mean `{likely}`?"
    if meant(word, [likely], likeness=SURE) is None:
        return Fault(place=at, problem=problem, remedy=remedy)
    right = before + likely
    return Misspelt(place=at, problem=problem, remedy=remedy, inside=inside, key=key, meant=likely, right=right)


def every_fault(document: object, read: Callable[[object, list[Fault]], object]) -> list[Fault]:
    """Return the faults that a reader finds in a document, and those behind mistyped keys.

    Args:
        document: as it is written; it is not changed.
        read: takes the document, and appends its faults to the list.
    """
    return _every_fault(document, read, _ROUNDS)


def _every_fault(document: object, read: Callable[[object, list[Fault]], object], rounds: int) -> list[Fault]:
    faults: list[Fault] = []
    read(document, faults)
    wrong = _replaceable(faults)
    right = _respelt(document, wrong)
    if rounds == 0 or right == document:
        return [_plain(one, one.place) for one in faults]
    behind = _every_fault(right, read, rounds - 1)
    return [*(_plain(one, one.place) for one in wrong), *(_as_written(fault, wrong) for fault in behind)]


def _replaceable(faults: Sequence[Fault]) -> list[Misspelt]:
    """Return the mistyped keys that stand alone for what they mean."""
    found: dict[tuple[int, str], Misspelt] = {}
    for fault in faults:
        if isinstance(fault, Misspelt) and fault.meant not in fault.inside:
            found.setdefault((id(fault.inside), fault.meant), fault)
    return list(found.values())


def _respelt(document: object, wrong: Sequence[Misspelt]) -> object:
    if isinstance(document, list):
        return [_respelt(one, wrong) for one in document]
    if not isinstance(document, Mapping):
        return document
    right = {one.key: one.meant for one in wrong if one.inside is document}
    return {right.get(key, key): _respelt(value, wrong) for key, value in document.items()}


def _as_written(fault: Fault, wrong: Sequence[Misspelt]) -> Fault:
    for one in wrong:
        below = fault.place.removeprefix(one.right)
        if fault.place.startswith(one.right) and re.match(r"[.\[]|\Z", below):
            return _plain(fault, one.place + below)
    return fault


def _plain(fault: Fault, place: str) -> Fault:
    return Fault(place=place, problem=fault.problem, remedy=fault.remedy)
