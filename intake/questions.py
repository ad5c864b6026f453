"""An event may be asked about by many segments, and most events by none: both answers must cost next to nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.conditions import Check, Facts, Question, compile_condition
from engine.entry import Event

_NOTHING: Final[Mapping[str, Any]] = {}
_NOWHERE: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question about events, and the places of the rules that ask it."""

    id: int
    question: Question
    places: tuple[int, ...]
    holds: Check | None = field(init=False)

    def __post_init__(self) -> None:
        where = self.question.where
        object.__setattr__(self, "holds", compile_condition(where) if where else None)


class Questions:
    """All questions of one workspace that some segment asks."""

    def __init__(self, asked: Iterable[Asked]) -> None:
        self._asked = [*asked]
        self.ids = {one.question: one.id for one in self._asked}
        self.by_id = {one.id: one.question for one in self._asked}
        self.newest = max(self.by_id, default=0)
        """The id of the last question: whose events were counted up to it were counted for all."""
        self._whole: dict[tuple[str, str], list[Asked]] = defaultdict(list)
        self._parts: dict[str, list[Asked]] = defaultdict(list)
        for one in self._asked:
            if one.question.part:
                self._parts[one.question.kind].append(one)
            else:
                self._whole[one.question.kind, one.question.name].append(one)
        self.places = tuple(sorted({place for one in self._asked for place in one.places}))
        """Places of all rules that ask about events."""

    def about(self, event: Event) -> list[Asked]:
        """Return the questions that this event counts for."""
        named = self._whole.get((event.kind, event.name), ())
        parts = [one for one in self._parts.get(event.kind, ()) if one.question.name in event.name]
        if not (named or parts):
            return []
        facts = Facts(attributes=_NOTHING, segments=_NOWHERE, now=event.received_at, data=event.data)
        return [one for one in (*named, *parts) if one.holds is None or one.holds(facts)]

    def after(self, tallied: int) -> dict[int, Question]:
        """Return the questions that came after one."""
        return {id_: question for id_, question in self.by_id.items() if id_ > tallied}
