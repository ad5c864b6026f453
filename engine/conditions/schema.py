"""Editors complete and check campaign documents while they are written, given a JSON Schema of the condition language.

The schema is generated from the operator table, so it names exactly what `parse` takes. What a schema cannot say (a
valid path, the depth, the order of a range) only `parse` checks.
"""

from __future__ import annotations

from typing import Any, Final

from engine.conditions.keys import DEVICE, GROUPS, MEMBERSHIP, PERFORMED, SAME_ITEM
from engine.conditions.operands import DURATION_SCHEMA
from engine.conditions.operators import OPERATORS
from engine.conditions.parsing import MOST_LEAVES, Scope
from engine.conditions.paths import LONGEST_PATH
from engine.conditions.performing import COUNTS, KINDS, LONGEST_NAME, MOST_EVER

_SUBJECT_HELP: Final = {
    "attribute": "A person's attribute: plan, address.city, items[0].sku, items[].price.",
    "data": "A value in the data of the trigger event or webhook call.",
    "path": "A value in the event's data, in the item of `same_item`, or of the device.",
    "performed": "How often the person did it: at least once, unless a count says otherwise.",
    "not_performed": "The person did not do it; within a time only people known for as long as that.",
    "device": "One device of the person meets all of this; {} is any device.",
    "no_device": "No device of the person meets all of this; {} is any device.",
    "in": "Key of a segment that the person is in.",
    "not_in": "Key of a segment that the person is not in.",
}
_GROUP_HELP: Final = {"all": "Every one of these holds.", "any": "At least one of these holds."}


def json_schema(scope: Scope) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return `(schema, definitions)` for one scope.

    `schema` is a reference that may stand anywhere; `definitions` belong into `$defs` at the root of the document.
    Names do not collide between scopes, so the definitions of all of them may be merged.
    """
    definitions = _definitions(scope) | _definitions(Scope.EVENT_DATA)
    return {"$ref": f"#/$defs/{_name(scope)}_conditions"}, definitions


def _definitions(scope: Scope) -> dict[str, Any]:
    one = {"$ref": f"#/$defs/{_name(scope)}_condition"}
    listed = {"type": "array", "items": one, "maxItems": MOST_LEAVES}
    conditions = [_condition(subject) for subject in scope.value]
    groups = [_object({key: listed | {"description": _GROUP_HELP[key]}}, key) for key in GROUPS]
    return {
        f"{_name(scope)}_condition": {"anyOf": [*conditions, *groups, {"type": "object", "maxProperties": 0}]},
        f"{_name(scope)}_conditions": {
            "description": "One condition, a group, or a list of which all must hold.",
            "anyOf": [one, listed],
        },
    }


def _name(scope: Scope) -> str:
    return scope.name.lower()


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _condition(subject: str) -> dict[str, Any]:
    if subject in PERFORMED:
        return _object({subject: _performed(subject)}, subject)
    if subject in DEVICE:
        return _object({subject: _event_data(_SUBJECT_HELP[subject])}, subject)
    return _object({subject: _membership(subject)}, subject) if subject in MEMBERSHIP else _value(subject)


def _performed(key: str) -> dict[str, Any]:
    name = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
    page = {"anyOf": [name, _object({"contains": name}, "contains")]}
    shared = {
        "within": DURATION_SCHEMA | {"description": "Within the past 30d, say: 1m to 3650d. Without: ever."},
        "where": _event_data("Conditions on the event's data, by `path`; dates in them do not move."),
    }
    counts: list[dict[str, Any]] = [{}]
    if key == "performed":
        bounds = {"type": "integer", "maximum": MOST_EVER}
        counts += [{count: bounds | {"minimum": 1 if count == "at_least" else 0}} for count in COUNTS]
    choices = [
        _object({kind: page if kind == "page" else name, **shared, **count}, kind, *count)
        for kind in KINDS
        for count in counts
    ]
    return {"description": _SUBJECT_HELP[key], "anyOf": choices}


def _event_data(description: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{_name(Scope.EVENT_DATA)}_conditions", "description": description}


def _membership(key: str) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "description": _SUBJECT_HELP[key]}


def _value(subject: str) -> dict[str, Any]:
    path = {"type": "string", "minLength": 1, "maxLength": LONGEST_PATH, "description": _SUBJECT_HELP[subject]}
    operators = {name: {**known.operand.schema, "description": known.help} for name, known in OPERATORS.items()}
    operators[SAME_ITEM] = _event_data(
        "All of this is met by one and the same item of the list. The path ends with []."
    )
    return {
        **_object({subject: path, **operators}, subject),
        "minProperties": 2,
        "maxProperties": 2,
    }
