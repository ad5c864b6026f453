"""Time between two blocks, counted from arrival; while it passes nothing is checked (behaviour 6.60-6.62)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Self

from engine.durations import format_duration, parse_duration, plain
from engine.steps.reading import Reading
from engine.steps.step import Hold, Outcome, Pass, Standing, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay(Step):
    """Hold the journey for a length of time."""

    kind: ClassVar[str] = "delay"
    shorthand: ClassVar[str | None] = "for"

    length: timedelta

    @classmethod
    def parse(cls, reading: Reading) -> Self:
        """Read `{for: 1h30m}`."""
        fields = reading.fields
        fields.require("for", 'Write how long, such as "1h" or "3d".')
        length = parse_duration(fields.take("for"), fields.at("for"), fields.faults) if fields.has("for") else None
        return cls(id=reading.id, condition=reading.condition(), length=length or timedelta())

    def body(self) -> dict[str, Any]:
        """Return `{"for": "1h30m"}`."""
        return {"for": format_duration(self.length)}

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the schema of `for`."""
        return {"for": {"$ref": "#/$defs/duration"}}

    @classmethod
    def required(cls) -> tuple[str, ...]:
        """Return `for`."""
        return ("for",)

    def arrive(self, standing: Standing) -> Outcome:
        """Wait until the length, as it is now, has passed since arrival (behaviour 15.10, 15.11).

        A delay that simply ended passes the journey on as of its end, however late that was noticed: lateness must not
        add up. One that was shortened passes it on as of now: nobody can have left it before the edit.
        """
        until = standing.arrived_at + self.length
        if until > standing.now:
            text = f"Delay {self.id} ({plain(self.length)}), until {until:%Y-%m-%d %H:%M} UTC"
            return Hold(until=until, text=text)
        shortened = standing.due_at is not None and until < standing.due_at
        return Pass(at=standing.now if shortened else until, text=f"Delay {self.id} ({plain(self.length)}) is over")
