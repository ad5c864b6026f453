"""What is wrong with a template's text, in one shape for every template language."""

from __future__ import annotations

from collections.abc import Iterable

from engine.errors import Fault
from engine.spelling import meant
from engine.templates.scope import NAMES


class SyntaxFault(Exception):
    """The text is no template."""

    def __init__(self, problem: str, line: int | None = None, remedy: str = "") -> None:
        self.line = line
        self._said = problem
        self.problem = f"Line {line}: {problem}" if line else problem
        self.remedy = remedy or "See docs/personalisation.md for what a template may contain."
        super().__init__(self.problem)

    @classmethod
    def unknown(cls, kind: str, word: str, known: Iterable[str], line: int | None = None) -> SyntaxFault:
        """A filter, tag or test that the language does not have."""
        close = meant(word, known)
        return cls(f"there is no {kind} `{word}`", line, f"Did you mean `{close}`?" if close else "")

    @classmethod
    def unknown_name(cls, name: str, line: int | None = None) -> SyntaxFault:
        """A name that no message has."""
        close = meant(name, NAMES)
        remedy = f"Did you mean `{close}`?" if close else f"A template can read {', '.join(sorted(NAMES))}."
        return cls(f"there is no `{name}`", line, remedy)

    def at(self, place: str, source: str) -> Fault:
        """The fault of the document whose template this is. Of a template of one line, that line is not said."""
        said = self.problem if "\n" in source.rstrip() else f"{self._said[:1].upper()}{self._said[1:]}"
        return Fault(place=place, problem=f"{said}.", remedy=self.remedy)
