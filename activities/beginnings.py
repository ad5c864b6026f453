"""A journey that waits to begin follows the person's value: for which instant does its trigger ask now?"""

from __future__ import annotations

from datetime import datetime

from engine import beginnings, conditions
from engine.conditions import Condition, Facts, Scope
from engine.errors import Fault
from engine.triggers import ConditionTrigger
from storage import definitions
from storage.database import Connection


async def begins_at(
    connection: Connection, workspace_id: int, trigger: ConditionTrigger, facts: Facts
) -> datetime | None:
    """Return the instant for which a trigger asks to wait; None if it asks for none (behaviour 1.19)."""
    stored = {segment.key: segment.condition for segment in await definitions.segments(connection, workspace_id)}
    rules: dict[str, Condition] = {}
    asked = [trigger.condition]
    while asked:
        for key in conditions.touches(asked.pop()).segments:
            if key not in rules and (rule := _parsed(key, stored.get(key))) is not None:
                rules[key] = rule
                asked.append(rule)
    return beginnings.begins_at(trigger.condition, facts, rules)


def _parsed(key: str, document: object) -> Condition | None:
    """Return the condition of a segment; None of a manual one, and of one that a newer release wrote."""
    faults: list[Fault] = []
    if document is None:
        return None
    return conditions.parse(document, place=f"segment {key}", scope=Scope.PERSON, faults=faults)
