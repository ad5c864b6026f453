"""Editors complete and check campaign documents while they are written, given a JSON Schema of the condition language.

The schema is generated from the operator table, so it names exactly what `parse` takes. What a schema cannot say (a
valid path, the depth, the order of a range) only `parse` checks.
"""

from __future__ import annotations

from typing import Any, Final

from engine.conditions.keys import GROUPS, MEMBERSHIP, SAME_ITEM
from engine.conditions.operators import OPERATORS
from engine.conditions.parsing import MOST_LEAVES, Scope
from engine.conditions.paths import LONGEST_PATH

_SUBJECT_HELP: Final = {
    "attribute": "A person's attribute: plan, address.city, items[0].sku, items[].price.",
    "data": "A value in the data of the trigger event or webhook call.",
    "path": "A value in the event's data, or in the item of `same_item`.",
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
    values = [_value(subject) for subject in scope.value if subject not in MEMBERSHIP]
    memberships = [_object({key: _membership(key)}, key) for key in scope.value if key in MEMBERSHIP]
    groups = [_object({key: listed | {"description": _GROUP_HELP[key]}}, key) for key in GROUPS]
    return {
        f"{_name(scope)}_condition": {
            "anyOf": [*values, *memberships, *groups, {"type": "object", "maxProperties": 0}]
        },
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


def _membership(key: str) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "description": _SUBJECT_HELP[key]}


def _value(subject: str) -> dict[str, Any]:
    path = {"type": "string", "minLength": 1, "maxLength": LONGEST_PATH, "description": _SUBJECT_HELP[subject]}
    operators = {name: {**known.operand.schema, "description": known.help} for name, known in OPERATORS.items()}
    operators[SAME_ITEM] = {
        "$ref": f"#/$defs/{_name(Scope.EVENT_DATA)}_conditions",
        "description": "All of this is met by one and the same item of the list. The path ends with [].",
    }
    return {
        **_object({subject: path, **operators}, subject),
        "minProperties": 2,
        "maxProperties": 2,
    }
