"""What a block writes is fixed or filled in, and what was a number where it came from stays one (behaviour 6.45)."""

from __future__ import annotations

import re
from typing import Any, Final

from engine import templates
from engine.conditions import MISSING
from engine.conditions.paths import parse_path, read
from engine.documents import Fields
from engine.errors import Fault
from engine.templates import Scope

_ONE_EXPRESSION: Final = re.compile(r"\{\{-?\s*([^{}|]+?)\s*-?\}\}")
_TEMPLATE: Final = re.compile(r"\{[{%]")


def is_template(text: str) -> bool:
    """Whether a text has something to fill in."""
    return _TEMPLATE.search(text) is not None


def read_template(fields: Fields, key: str, *, longest: int) -> str | None:
    """Read the template of a text, without spaces around it; None if it is not there."""
    source = fields.text(key, longest=longest)
    if source is None:
        return None
    templates.check(source, "liquid", fields.at(key), fields.faults)
    return source.strip()


def check(value: Any, place: str, faults: list[Fault]) -> None:
    """Fault what is wrong with the templates of a JSON value: all of its texts, wherever they stand in it."""
    if isinstance(value, str):
        templates.check(value, "liquid", place, faults)
    elif isinstance(value, dict):
        for name, one in value.items():
            check(one, f"{place}.{name}", faults)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            check(one, f"{place}[{number}]", faults)


def fill(value: Any, scope: Scope) -> Any:
    """Return a JSON value with its templates filled in; a text that is one `{{ path }}` becomes the very value.

    Raises:
        RenderError: a variable is missing (named), or a template does not work.
    """
    if isinstance(value, dict):
        return {name: fill(one, scope) for name, one in value.items()}
    if isinstance(value, list):
        return [fill(one, scope) for one in value]
    if not isinstance(value, str):
        return value
    alone = _ONE_EXPRESSION.fullmatch(value)
    path = parse_path(alone[1], "", []) if alone else None
    found = read(path.steps, scope.variables()) if path and not path.is_many else MISSING
    # What is not there is left to the template, which says so in its own words.
    return found if isinstance(found, str | int | float | list | dict) else templates.render(value, scope)
