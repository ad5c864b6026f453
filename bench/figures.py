"""One measurement beside its own limit, because a number alone says more about the machine than about the program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What was measured, the limit measured in the same run, and the goal set for their ratio (or for the value)."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    limit_is: str = ""
    goal: float | None = None
    goal_for: Literal["ratio", "value"] = "ratio"
    better: Literal["higher", "lower"] = "lower"
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """The value in units of its limit."""
        return self.value / self.limit if self.limit else None

    @property
    def reached(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        judged = self.ratio if self.goal_for == "ratio" else self.value
        if self.goal is None or judged is None:
            return None
        return judged >= self.goal if self.better == "higher" else judged <= self.goal

    def as_json(self) -> dict[str, Any]:
        """Return the figure for `--json`."""
        return {
            "name": self.name,
            "value": round(self.value, 4),
            "unit": self.unit,
            "limit": None if self.limit is None else round(self.limit, 4),
            "limit_is": self.limit_is,
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "goal": self.goal,
            "goal_for": self.goal_for,
            "better": self.better,
            "reached": self.reached,
            "details": self.details,
        }


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of all lie, by nearest rank. Raises ValueError for none."""
    if not values:
        raise ValueError("Nothing was measured.")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
