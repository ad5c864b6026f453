"""Documents are written by hand: all their mistakes must be found in one reading, each with its place and its remedy.

`Fields` hands out the values of one mapping, checked. A wrong value becomes a fault and is replaced by a harmless one,
so that the reading goes on; whoever began it raises `DocumentError` at the end if there are faults.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from engine.errors import Fault
from engine.spelling import LIKELY, SURE, Misspelt, meant, mistyped

LONGEST_TEXT: Final = 500_000
"""Half a megabyte: a hundred times an ordinary email, and still quick to check, store and render."""
LONGEST_NAME: Final = 200
LONGEST_KEY: Final = 64

_KEY: Final = re.compile(rf"[a-z0-9-]{{1,{LONGEST_KEY}}}")


def shown(value: object) -> str:
    """Return a value as a fault quotes it: short, and in the words of YAML and JSON rather than of Python."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, str):
        return f'"{reprlib.repr(value)[1:-1]}"'
    return "a list" if isinstance(value, list) else reprlib.repr(value)


def one_of(choices: Sequence[str]) -> str:
    """Return choices as a sentence: `a`, `b` or `c`."""
    quoted = [f"`{choice}`" for choice in choices]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


class Fields:
    """One mapping of a document while it is read. Call `finish` last: it refuses the keys that nobody asked for."""

    def __init__(self, value: object, place: str, faults: list[Fault]) -> None:
        self.place = place
        self.faults = faults
        self._asked: dict[str, None] = {}
        self._required: set[str] = set()
        self._values: Mapping[Any, Any] = value if isinstance(value, Mapping) else {}
        if not isinstance(value, Mapping):
            self.fault("", f"This is {shown(value)}, where keys with values belong.", "Write `key: value` pairs.")

    def at(self, key: str) -> str:
        """Return the place of a key, or of the whole mapping if the key is empty."""
        return f"{self.place}.{key}" if self.place and key else self.place or key

    def fault(self, key: str, problem: str, remedy: str) -> None:
        """Record something wrong with the value of a key, or with the whole mapping if the key is empty."""
        self.faults.append(Fault(place=self.at(key), problem=problem, remedy=remedy))

    @property
    def written(self) -> Mapping[Any, Any]:
        """The whole mapping as it stands."""
        return self._values

    def take(self, key: str) -> Any:
        """Return the value of a key as it stands; None if it is not there. A null is as good as nothing."""
        self._asked[key] = None
        return self._values.get(key)

    def has(self, key: str) -> bool:
        """Whether there is a value for the key."""
        return self.take(key) is not None

    def text(self, key: str, *, longest: int = LONGEST_TEXT) -> str | None:
        """Return a text; None if it is not there."""
        value = self.take(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            remedy = "Write a text." if key in self._required else 'Write a text, such as "…", or leave it out.'
            self.fault(key, f"This is {shown(value)}, where a text belongs.", remedy)
        elif len(value) > longest:
            self.fault(key, f"The text has {len(value)} characters.", f"Write at most {longest}.")
        elif "\0" in value:
            self.fault(key, "The text holds a NUL character, which cannot be stored.", "Remove it.")
        else:
            return value
        return None

    def name(self, key: str) -> str | None:
        """Return a text of one line and at most 200 characters, without spaces around it; None if it is not there."""
        value = self.text(key, longest=LONGEST_NAME)
        if value is not None and "\n" in value.strip():
            self.fault(key, "A name is one line.", "Write it without line breaks.")
        return None if value is None else value.strip()

    def key(self, key: str, *, of: str | None) -> str:
        """Return the key of a campaign or segment: as written, or else made of its name."""
        if self.has(key):
            return read_key(self.take(key), self.at(key), self.faults) or ""
        slug = slug_of(of or "")
        if of and not slug:
            self.fault(key, "No key can be made of this name.", "Write a key of a-z, 0-9 and hyphens.")
        return slug

    def flag(self, key: str) -> bool | None:
        """Return true or false; None if it is not there."""
        value = self.take(key)
        if value is None or isinstance(value, bool):
            return value
        self.fault(key, f"{shown(value)} is neither true nor false.", "Write true or false.")
        return None

    def percentage(self, key: str) -> float | None:
        """Return a number from 0 to 100 with at most two decimals; None if it is not there."""
        value = self.take(key)
        if value is None:
            return None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and 0 <= value <= 100 and round(value, 2) == value:
            percentage: float = value
            return percentage
        remedy = "Write a number from 0 to 100, with two decimals at most, such as 30."
        self.fault(key, f"{shown(value)} is not a percentage.", remedy)
        return None

    def choice(self, key: str, choices: Sequence[str]) -> str | None:
        """Return one of the choices; None if it is not there."""
        value = self.take(key)
        if value is None or (isinstance(value, str) and value in choices):
            return value
        self.fault(key, f"{shown(value)} is not one of the choices.", f"Write {one_of(choices)}.")
        return None

    def require(self, key: str, remedy: str) -> None:
        """Fault a key that is not there. Call it before the key is read, which then is not told to be left out."""
        self._required.add(key)
        if not self.has(key):
            self.fault(key, f"`{key}` is missing.", remedy)

    def expect(self, key: str, *, not_called: str) -> None:
        """Fault a word that is often written for a key, and is not close to it, if the key itself is not there."""
        if not_called in self._values and not self.has(key):
            self.take(not_called)
            self.faults.append(
                Misspelt(
                    place=self.at(not_called),
                    problem=f"`{not_called}` is not known here.",
                    remedy=f"Did you mean `{key}`?",
                    inside=self._values,
                    key=not_called,
                    meant=key,
                    right=self.at(key),
                )
            )

    def finish(self, elsewhere: Mapping[str, str] = MappingProxyType({})) -> None:
        """Fault every key that no reader asked for, with the place where it belongs or the key that was meant.

        Args:
            elsewhere: of keys that are known in other places, the sentence that says where.
        """
        for unknown in self._values:
            if unknown not in self._asked:
                key = str(unknown)[:LONGEST_NAME]
                problem, belongs = f"`{key}` is not known here.", elsewhere.get(key)
                close = meant(key, self._asked, likeness=SURE if belongs else LIKELY)
                if belongs:
                    self.fault(key, problem, f"Did you mean `{close}`? {belongs}" if close else belongs)
                elif close:
                    self.faults.append(mistyped(self._values, unknown, close, place=self.place, problem=problem))
                else:
                    self.fault(key, problem, f"Known here: {', '.join(self._asked)}.")


def read_key(value: object, place: str, faults: list[Fault]) -> str | None:
    """Read the key of a campaign or segment; append a fault and return None if the value is none."""
    if isinstance(value, str) and _KEY.fullmatch(value):
        return value
    remedy = f"Write a key of a-z, 0-9 and hyphens, at most {LONGEST_KEY} characters."
    faults.append(Fault(place=place, problem=f"{shown(value)} is not a key.", remedy=remedy))
    return None


def slug_of(name: str) -> str:
    """Return the key that a name gives: "Cart reminder!" → `cart-reminder`; empty if it has nothing to give."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:LONGEST_KEY].strip("-")


def read_tags(fields: Fields) -> tuple[str, ...]:
    """Read the optional `tags`: a list of short texts, repeated ones once."""
    value = fields.take("tags")
    if value is None:
        return ()
    if not isinstance(value, list) or not all(
        isinstance(tag, str) and 0 < len(tag.strip()) <= LONGEST_KEY for tag in value
    ):
        fields.fault("tags", "These are not tags.", f"Write a list of texts of at most {LONGEST_KEY} characters.")
        return ()
    return tuple(dict.fromkeys(value))
