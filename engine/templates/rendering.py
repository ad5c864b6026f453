"""Templates are parsed once and rendered for every message; both languages look the same from here."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import Final, Literal

from engine.errors import Fault, RenderError
from engine.templates.faults import SyntaxFault
from engine.templates.jinja_language import JinjaTemplate
from engine.templates.limits import SOURCE_BYTES
from engine.templates.liquid_language import LiquidTemplate
from engine.templates.reads import Reads
from engine.templates.scope import Scope

Language = Literal["liquid", "jinja2"]

_LANGUAGES: Final[dict[Language, type[LiquidTemplate | JinjaTemplate]]] = {
    "liquid": LiquidTemplate,
    "jinja2": JinjaTemplate,
}
_TOLD: Final = 100  # faults of one template: more than anybody mends at once, and each takes time to find a remedy for
_KEPT: Final = 1024  # parsed templates: the fields of a few hundred live messages, some ten megabytes


def check(source: str, language: Language, place: str, faults: list[Fault]) -> None:
    """Add to `faults` what is wrong with a template, with its line: syntax, filters and names (behaviour 8.08)."""
    try:
        template = _parsed(source, language, html=False)
    except SyntaxFault as fault:
        faults.append(fault.at(place, source))
    else:
        found = sorted(islice(template.faults(source), _TOLD), key=lambda fault: fault.line or 0)
        faults.extend(fault.at(place, source) for fault in found)


def reads(source: str, language: Language) -> Reads:
    """Return what a template reads that `check` has found no fault in."""
    return _parsed(source, language, html=False).reads(source)


def render(source: str, scope: Scope, *, language: Language = "liquid", html: bool = False) -> str:
    """The text for one message; with `html`, values are escaped unless the template says `| safe`.

    Raises:
        RenderError: a variable is missing (named), a limit is hit (named), or the template does not work.
    """
    if "{" not in source and len(source) <= SOURCE_BYTES // 4:
        return source  # most subjects and senders are plain text; four bytes is the longest character
    try:
        return _parsed(source, language, html=html).render(scope.variables())
    except SyntaxFault as fault:
        raise RenderError(fault.problem) from fault
    except RenderError:
        raise
    except Exception as error:
        # Filters are other people's code fed with people's data. Whatever they raise on a value they were not made
        # for fails this one message; it must not stop the sender.
        raise RenderError(f"the template cannot be rendered: {type(error).__name__}: {error}") from error


@lru_cache(maxsize=_KEPT)
def _parsed(source: str, language: Language, *, html: bool) -> LiquidTemplate | JinjaTemplate:
    if len(source.encode()) > SOURCE_BYTES:
        raise SyntaxFault(
            f"the template has more than {SOURCE_BYTES // 1000} kB", remedy="Host images elsewhere and link to them."
        )
    return _LANGUAGES[language](source, html=html)
