"""Editors complete and check documents while they are written, given a JSON Schema (draft 2020-12).

A schema says what can stand where; that ids are unique, templates work and settings fit together only `parse` can say.
What `parse` takes the schema takes too, except that `parse` lets null stand for "not there".
"""

from __future__ import annotations

from typing import Any, Final

from engine import conditions, frequency, goals, triggers
from engine.campaigns import EXITS, GRACES
from engine.documents import LONGEST_KEY, LONGEST_NAME
from engine.occurrences import event_name_schema
from engine.plan_document import ANY_ID_PATTERN, ID_PATTERN, LONGEST_AUTOMATIC_ID, MOST_BLOCKS
from engine.steps import KINDS, MessageStep, Step, ab_test
from engine.steps.message_fields import LONGEST_LINE, UNKNOWN_OUTCOMES

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_NAME: Final = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
_DESCRIPTION: Final = {"type": "string", "minLength": 1, "description": "For the people who work with it."}
_TAGS: Final = {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY}}
_DURATION: Final = {
    "description": 'A length of time: "45m", "1h30m", "2d", "1w"; 0 is none at all.',
    "anyOf": [
        {"type": "string", "pattern": "^(0|(?=[0-9])([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?)$"},
        {"const": 0},
        {
            "type": "object",
            "properties": {unit: {"type": "integer", "minimum": 0} for unit in ("weeks", "days", "hours", "minutes")},
            "minProperties": 1,
            "additionalProperties": False,
        },
    ],
}


def campaign_schema() -> dict[str, Any]:
    """Return the JSON Schema of a campaign document."""
    filters, filter_definitions = conditions.json_schema(conditions.Scope.FILTERS)
    where, where_definitions = conditions.json_schema(conditions.Scope.EVENT_DATA)
    _, journey_definitions = conditions.json_schema(conditions.Scope.JOURNEY)
    _, people_definitions = conditions.json_schema(conditions.Scope.PEOPLE)
    person, person_definitions = conditions.json_schema(conditions.Scope.PERSON)
    return {
        "$schema": DIALECT,
        "title": "Sojourn campaign",
        "type": "object",
        "properties": {
            "$schema": {"type": "string", "description": "Where this schema is found; for editors only."},
            "name": _NAME | {"description": "What people call the campaign."},
            "key": _key("What the API and the command line call it; never changes. Default: made of the name."),
            "description": _DESCRIPTION,
            "tags": _TAGS,
            "from": {
                "type": "string",
                "minLength": 1,
                "maxLength": LONGEST_LINE,
                "description": "Default sender of its emails: Shop <hello@shop.example>. Template.",
            },
            "trigger": triggers.json_schema(
                where=where | {"description": "Conditions on the event's data, by `path`."},
                memberships=filters,
                segment=_segment({}, person),
            ),
            "filters": filters | {"description": "Segments that a person must be in (`in`) or not be in (`not_in`)."},
            "frequency": frequency.json_schema(),
            "goal": goals.json_schema(where),
            "exit": {
                "enum": list(EXITS),
                "description": "When people leave early; looked at before entry and before each message. "
                "Default: stopped_matching, when they no longer match the filters, or the segments of the trigger.",
            },
            "grace": {
                "enum": list(GRACES),
                "description": "Of condition triggers: who does not match when a message is due gets time until the "
                "end (at_end, the default), goes on as soon as they match (early_return), or exits at once (off).",
            },
            "send_to_unsubscribed": {
                "type": "boolean",
                "description": "Whether people who unsubscribed get its messages. Default: false.",
            },
            "unknown_outcome": {
                "enum": list(UNKNOWN_OUTCOMES),
                "description": "If a crash leaves it open whether a message left: hold it for an operator (never "
                "twice, the default) or resend it (never lost).",
            },
            "workflow": {"$ref": "#/$defs/blocks", "minItems": 1, "description": "The blocks, from top to bottom."},
        },
        "required": ["name", "trigger", "workflow"],
        "additionalProperties": False,
        "$defs": {
            "duration": _DURATION,
            "key": _key("Key of a segment."),
            "event_name": event_name_schema(),
            "blocks": {"type": "array", "items": {"$ref": "#/$defs/block"}, "maxItems": MOST_BLOCKS},
            "block": _block(),
            **{f"{name}_block": _body(kind) for name, kind in KINDS.items()},
            **filter_definitions,
            **where_definitions,
            **journey_definitions,
            **people_definitions,
            **person_definitions,
        },
    }


def segment_schema() -> dict[str, Any]:
    """Return the JSON Schema of a segment document."""
    condition, definitions = conditions.json_schema(conditions.Scope.PERSON)
    return {
        "$schema": DIALECT,
        "title": "Sojourn segment",
        **_segment(
            {
                "$schema": {"type": "string", "description": "Where this schema is found; for editors only."},
                "key": _key("What campaigns, the API and the command line call it. Default: made of the name."),
            },
            condition,
        ),
        "$defs": definitions,
    }


def _segment(more: dict[str, Any], condition: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a segment, given that of its condition and of what else may stand in it."""
    return {
        "type": "object",
        "properties": {
            **more,
            "name": _NAME | {"description": "What people call the segment."},
            "description": _DESCRIPTION,
            "condition": condition | {"description": "Who is in it."},
            "manual": {
                "type": "boolean",
                "description": "true: no condition; people are added and removed by hand, by API or by campaigns.",
            },
        },
        "required": ["name"],
        "oneOf": [
            {"required": ["condition"], "properties": {"manual": {"const": False}}},
            {"required": ["manual"], "properties": {"manual": {"const": True}, "condition": False}},
        ],
        "additionalProperties": False,
    }


def _key(description: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^[a-z0-9-]{{1,{LONGEST_KEY}}}$", "description": description}


def _block() -> dict[str, Any]:
    bare = [name for name, kind in KINDS.items() if kind.bare]
    kinds = {name: {"$ref": f"#/$defs/{name}_block"} for name in KINDS}
    one = {"type": "object", "properties": kinds, "minProperties": 1, "maxProperties": 1, "additionalProperties": False}
    return {"anyOf": [one, {"enum": bare}]}


def _body(kind: type[Step]) -> dict[str, Any]:
    own = kind.json_schema()
    condition = {
        "$ref": "#/$defs/journey_conditions",
        "description": "Action condition: where it does not hold the block is skipped.",
    }
    test = {ab_test.KEY: ab_test.json_schema(kind)} if issubclass(kind, MessageStep) and kind.can_be_tested else {}
    body = {
        "type": "object",
        "properties": {"id": _id(kind), **own, **test, **({"if": condition} if kind.conditional else {})},
        "required": [*(["id"] if kind.id_required else []), *kind.required()],
        "additionalProperties": False,
    }
    others = [own[kind.shorthand]] if kind.shorthand else [{"type": "null"}] if kind.bare else []
    return {"description": _summary(kind), **({"anyOf": [body, *others]} if others else body)}


def _id(kind: type[Step]) -> dict[str, Any]:
    if kind.id_required:
        return {
            "type": "string",
            "pattern": ID_PATTERN,
            "description": "Its name for ever: deliveries go by it.",
        }
    return {
        "type": "string",
        "pattern": ANY_ID_PATTERN,
        "maxLength": LONGEST_AUTOMATIC_ID,
        "description": "Its name for ever. Default: made of the block before it.",
    }


def _summary(kind: type[Step]) -> str:
    return (kind.__doc__ or kind.kind).partition("\n")[0]
