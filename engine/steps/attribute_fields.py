"""Several blocks write attributes of people, and none of them may touch what a person is found by."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from engine.documents import Fields, shown
from engine.steps import filling

MOST_ATTRIBUTES: Final = 100
LONGEST_ATTRIBUTE_NAME: Final = 150  # bytes, as for clients of the Track API

FIXED: Final = ("id", "cio_id", "anonymous_id")
"""What a person is found by cannot be changed from inside a campaign; the email address can."""


def read_set(fields: Fields, *, fixed: Collection[str] = FIXED) -> dict[str, Any]:
    """Read `set`: attribute to value, whose texts are templates; empty if it is not there."""
    if not fields.has("set"):
        return {}
    value = fields.take("set")
    inner = Fields(value, fields.at("set"), fields.faults)
    if not isinstance(value, Mapping) or not 1 <= len(value) <= MOST_ATTRIBUTES:
        remedy = f"Write 1 to {MOST_ATTRIBUTES} `attribute: value` pairs."
        fields.fault("set", "These are not attributes to set.", remedy)
        return {}
    for name, one in value.items():
        if not is_attribute_name(name) or name in fixed:
            inner.fault(str(name), f"{shown(name)} cannot be set.", names_said(fixed))
        elif one is None:
            inner.fault(name, "Null is no value.", f"To take the attribute away write `remove: [{name}]`.")
        else:
            filling.check(one, inner.at(name), fields.faults)
    return dict(value)


def read_remove(fields: Fields, written: Mapping[str, Any]) -> tuple[str, ...]:
    """Read `remove`: attributes to take away, none of which is set by the same block."""
    if not fields.has("remove"):
        return ()
    value = fields.take("remove")
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_ATTRIBUTES:
        remedy = f"Write 1 to {MOST_ATTRIBUTES} names, such as [trial]."
        fields.fault("remove", "This is not a list of attributes.", remedy)
        return ()
    fixed = (*FIXED, "email")
    for place, name in enumerate(value):
        key = f"remove[{place}]"
        if not is_attribute_name(name) or name in fixed:
            fields.fault(key, f"{shown(name)} cannot be removed.", names_said(fixed))
        elif name in written:
            fields.fault(key, f"`{name}` is set and removed at once.", "Decide for one of the two.")
    return tuple(str(name) for name in value)


def set_schema() -> dict[str, Any]:
    """Return the JSON Schema of `set`."""
    return {
        "type": "object",
        "propertyNames": name_schema(),
        "minProperties": 1,
        "maxProperties": MOST_ATTRIBUTES,
        "description": "Attribute to value. Texts are templates; a single {{ path }} keeps its type.",
    }


def remove_schema() -> dict[str, Any]:
    """Return the JSON Schema of `remove`."""
    return {
        "type": "array",
        "items": name_schema(),
        "minItems": 1,
        "maxItems": MOST_ATTRIBUTES,
        "description": "Attributes to remove.",
    }


def name_schema() -> dict[str, Any]:
    """Return the JSON Schema of an attribute's name."""
    return {"type": "string", "minLength": 1, "maxLength": LONGEST_ATTRIBUTE_NAME}


def is_attribute_name(name: object) -> bool:
    """Whether an attribute can be called so."""
    return (
        isinstance(name, str)
        and 0 < len(name.encode()) <= LONGEST_ATTRIBUTE_NAME
        and name == name.strip()
        and "\0" not in name
    )


def names_said(fixed: Collection[str]) -> str:
    """Return how an attribute may be called, in words."""
    return f"Write a name of at most {LONGEST_ATTRIBUTE_NAME} bytes, other than {', '.join(fixed)}."
