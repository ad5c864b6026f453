"""What is wrong with a template's text, in one shape for every template language."""

from __future__ import annotations

from engine.errors import Fault
from engine.templates.scope import NAMES


class SyntaxFault(Exception):
    """The text is no template."""

    def __init__(self, problem: str, line: int | None = None, remedy: str = "") -> None:
        self.problem = f"line {line}: {problem}" if line else problem
        self.remedy = remedy or "See docs/personalisation.md for what a template may contain."
        super().__init__(self.problem)

    @classmethod
    def unknown(cls, name: str, line: int | None = None) -> SyntaxFault:
        """A name that no message has."""
        return cls(f"there is no `{name}`", line, f"A template can read {', '.join(sorted(NAMES))}.")

    def at(self, place: str) -> Fault:
        """The fault of the document whose template this is."""
        return Fault(place=place, problem=f"{self.problem}.", remedy=self.remedy)
