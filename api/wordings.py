"""What pydantic says of a request is meant for programmers: callers get the same as a problem with a remedy.

Each of its types of error that a request can bring about has its words here. Any other keeps pydantic's own, and is
told where requests are described.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.documents import shown
from engine.errors import Fault
from runtime.wording import sentence

NO_JSON: Final = "json_invalid"
"""Type of the error that a body is no JSON at all."""

_OBJECT: Final = "Send a JSON object, as JSON."
_WHOLE: Final = "Send a whole number."
_FLAG: Final = "Send true or false."
_INSTANT: Final = "Send one as 2027-03-01T00:00:00Z."

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    NO_JSON: ("The body is no JSON: {error}.", "Send valid JSON."),
    "missing": ("It is missing.", "Send it."),
    "extra_forbidden": ("There is no such key.", "Leave it out."),
    "model_attributes_type": ("This is {input}, where an object belongs.", _OBJECT),
    "model_type": ("This is {input}, where an object belongs.", _OBJECT),
    "dict_type": ("This is {input}, where an object belongs.", _OBJECT),
    "list_type": ("This is {input}, where a list belongs.", "Send a list."),
    "string_type": ("This is {input}, where a text belongs.", "Send a text."),
    "int_type": ("This is {input}, where a whole number belongs.", _WHOLE),
    "int_parsing": ("This is {input}, where a whole number belongs.", _WHOLE),
    "int_parsing_size": ("The number is too large.", "Send a smaller one."),
    "int_from_float": ("This is {input}, where a whole number belongs.", _WHOLE),
    "bool_type": ("This is {input}, where true or false belongs.", _FLAG),
    "bool_parsing": ("This is {input}, where true or false belongs.", _FLAG),
    "literal_error": ("{input} is not one of the choices.", "Send {expected}."),
    "enum": ("{input} is not one of the choices.", "Send {expected}."),
    "greater_than_equal": ("{input} is too small.", "Send {ge} or more."),
    "less_than_equal": ("{input} is too large.", "Send at most {le}."),
    "string_too_short": ("The text is too short.", "Send at least {min_length} characters."),
    "string_too_long": ("The text is too long.", "Send at most {max_length} characters."),
    "too_short": ("The list has {actual_length} items.", "Send at least {min_length}."),
    "too_long": ("The list has more than {max_length} items.", "Send at most {max_length} in one request."),
    "datetime_type": ("This is {input}, where an instant belongs.", _INSTANT),
    "datetime_parsing": ("{input} is not an instant.", _INSTANT),
    "datetime_from_date_parsing": ("{input} is not an instant.", _INSTANT),
    "datetime_object_invalid": ("{input} is not an instant.", _INSTANT),
    "timezone_aware": ("The instant has no time zone.", _INSTANT),
}
_ELSE: Final = "GET /docs says what this request takes."


def fault_of(error: Mapping[str, Any]) -> Fault:
    """Return one of pydantic's errors about a request as a fault."""
    kind, given = error["type"], error.get("ctx", {})
    words = _WORDS.get(kind)
    if words is None:
        return Fault(place=_place(error["loc"]), problem=sentence(error["msg"]), remedy=_ELSE)
    said = {name: f"{value:,}" if type(value) is int else value for name, value in given.items()}
    problem, remedy = (one.format(**said, input=_shown(error["input"])) for one in words)
    place = "" if kind == NO_JSON else _place(error["loc"])  # else it is a number of characters
    return Fault(place=place, problem=f"{problem[:1].upper()}{problem[1:]}", remedy=remedy)


def _shown(value: object) -> str:
    return "no JSON" if isinstance(value, bytes) else shown(value)


def _place(location: Sequence[int | str]) -> str:
    """Return where pydantic found a fault, in the writer's terms: without `body` or `query` in front."""
    place = ""
    for part in location[1:]:
        place += f"[{part}]" if isinstance(part, int) else f".{part}" if place else part
    return place
