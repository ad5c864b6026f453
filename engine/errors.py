"""Everything that can be wrong, as one tree. The docstring of a class is the message a person sees.

    SojournError                    code: error
    ├── DocumentError               code: invalid_document   one or more faults in a campaign or segment document
    ├── NotFound                    code: not_found
    ├── Conflict                    code: conflict           the thing is in a state that does not allow this
    ├── InputError                  code: invalid_input      a value from outside that cannot be taken
    ├── RenderError                 code: render             a template could not be rendered; names the variable
    └── ConfigurationError          code: configuration      a setting is missing or cannot work

HTTP status codes are chosen in `api/errors.py` only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong: where, what, and what would be right."""

    place: str
    """Path in the writer's terms, e.g. `workflow[2].branch.when`; empty for the document or request as a whole."""
    problem: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.problem} {self.remedy}".rstrip()


class SojournError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"

    def __init__(self, problem: str | None = None, remedy: str = "", *, place: str = "") -> None:
        problem = problem or type(self).__doc__ or ""
        self.faults: tuple[Fault, ...] = (Fault(place=place, problem=problem, remedy=remedy),)
        super().__init__(f"{problem} {remedy}".rstrip())

    @property
    def message(self) -> str:
        """What is wrong and what would be right, for a person."""
        return str(self)


class DocumentError(SojournError):
    """The document has faults."""

    code = "invalid_document"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


class NotFound(SojournError):
    """There is no such thing."""

    code = "not_found"


class Conflict(SojournError):
    """The present state does not allow this."""

    code = "conflict"


class InputError(SojournError):
    """The value cannot be taken."""

    code = "invalid_input"

    def __init__(self, place: str, problem: str, remedy: str = "") -> None:
        self.fault = Fault(place=place, problem=problem, remedy=remedy)
        super().__init__(str(self.fault))
        self.faults = (self.fault,)


class RenderError(SojournError):
    """A template could not be rendered."""

    code = "render"


class ConfigurationError(SojournError):
    """A setting is missing or cannot work."""

    code = "configuration"
