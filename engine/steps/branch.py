"""A fork: one question, asked once on arrival, decides between two paths (behaviour 6.90)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from engine import conditions
from engine.conditions import Condition, Facts
from engine.steps.reading import Reading
from engine.steps.step import Outcome, Pass, Standing, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch(Step):
    """Two paths that meet again after the branch."""

    kind: ClassVar[str] = "branch"
    form: ClassVar[str] = "`branch: {if: …, then: […], else: […]}`"
    conditional: ClassVar[bool] = False

    question: Condition | None
    """None is never true (behaviour 5.30)."""
    then: tuple[Step, ...] = ()
    otherwise: tuple[Step, ...] = ()
    _holds: Callable[[Facts], bool] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_holds", conditions.compile_condition(self.question) if self.question else None)

    @classmethod
    def parse(cls, reading: Reading) -> Self:
        """Read `{if: …, then: […], else: […]}`. Here `if` is the question, not an action condition."""
        question = reading.condition()
        return cls(id=reading.id, question=question, then=reading.path("then"), otherwise=reading.path("else"))

    def body(self) -> dict[str, Any]:
        """Return the question. The plan writes the paths."""
        return {} if self.question is None else {"if": conditions.document(self.question)}

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the schemas of the question and the paths."""
        return {
            "if": {
                "$ref": "#/$defs/journey_conditions",
                "description": "The question, asked once on arrival. Without one the branch takes `else`.",
            },
            "then": {"$ref": "#/$defs/blocks", "description": "The blocks for those of whom it is true."},
            "else": {"$ref": "#/$defs/blocks", "description": "The blocks for the others."},
        }

    def paths(self) -> Mapping[str, tuple[Step, ...]]:
        """Return both paths."""
        return {"then": self.then, "else": self.otherwise}

    def questions(self) -> tuple[Condition, ...]:
        """Return the question."""
        return () if self.question is None else (self.question,)

    def arrive(self, standing: Standing) -> Outcome:
        """Take the path that the person's facts point to."""
        path = "then" if self._holds is not None and self._holds(standing.facts) else "else"
        seen = {} if self.question is None else {"if": conditions.explain(self.question, standing.facts)}
        return Pass(path=path, text=f"Branch {self.id} takes `{path}`", seen=seen)
