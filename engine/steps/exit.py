"""The end of the workflow, for those on whose path it stands (behaviour 6.01, 6.02)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from engine.steps.reading import Reading
from engine.steps.step import End, Outcome, Standing, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitStep(Step):
    """End the journey as finished. Every workflow has one at its end, written or not."""

    kind: ClassVar[str] = "exit"
    form: ClassVar[str] = "`- exit`, without anything behind it"
    bare: ClassVar[bool] = True
    conditional: ClassVar[bool] = False

    @classmethod
    def parse(cls, reading: Reading) -> Self:
        """Read a block that has no keys of its own."""
        return cls(id=reading.id)

    def body(self) -> dict[str, Any]:
        """Return nothing."""
        return {}

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return nothing."""
        return {}

    def arrive(self, standing: Standing) -> Outcome:  # noqa: ARG002 - nobody goes on from here
        """End the journey."""
        return End()
