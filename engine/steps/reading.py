"""A block reads its own keys and nothing else; ids, action conditions and the blocks inside it are read for it here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine import conditions
from engine.conditions import Condition
from engine.documents import Fields
from engine.errors import Fault

if TYPE_CHECKING:
    from engine.steps.step import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One block of a document while it is read."""

    id: str
    fields: Fields
    read_path: Callable[[Any, str, str], tuple[Step, ...]]

    @property
    def faults(self) -> list[Fault]:
        """The faults of the whole document."""
        return self.fields.faults

    def condition(self) -> Condition | None:
        """Read `if`; None where nothing is asked, which is always (behaviour 5.30)."""
        value = self.fields.take("if")
        if value is None:
            return None
        scope = conditions.Scope.JOURNEY
        found = conditions.parse(value, place=self.fields.at("if"), scope=scope, faults=self.faults)
        return None if found is None or conditions.is_empty(found) else found

    def path(self, name: str) -> tuple[Step, ...]:
        """Read the blocks of the path `name`; none if it is not there."""
        return self.read_path(self.fields.take(name), self.fields.at(name), f"{self.id}.{name}")
