"""Whom a block looks for may depend on what started its journey: "everybody whose plan is the one in the payload".

So operands may be templates. The condition is kept as it is written, checked with stand-ins when it is saved, and read
again each time it is filled in (behaviour 6.52).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from engine import conditions
from engine.conditions import Condition, Scope
from engine.conditions.keys import GROUPS, SAME_ITEM
from engine.conditions.operands import RefusedError
from engine.conditions.operators import OPERATORS
from engine.documents import Fields
from engine.errors import Fault, RenderError
from engine.steps import filling
from engine.steps.filling import fill, is_template
from engine.templates import Scope as Readable

_HUGE: Final = 10**15
_STAND_INS: Final = ("x", 0, -_HUGE, _HUGE, "0001-01-01", "9999-12-31", "1d")
"""What a template may come to: a text, a number or date on either side of the one beside it in a range, a duration."""


def read_people(fields: Fields, key: str) -> Any:
    """Read a condition on people whose operands may be templates; return it as it is written."""
    document = fields.take(key)
    place = fields.at(key)
    known = len(fields.faults)

    def stand_in(operator: str, operand: Any, where: str) -> Any:
        filling.check(operand, where, fields.faults)
        return _standing_in(operator, operand)

    written = _with_operands(document, place, stand_in)
    if len(fields.faults) == known:
        found = _read(written, place, fields.faults)
        if found is not None and conditions.is_empty(found):
            fields.fault(key, "The block does not say whom it is about.", "Write {attribute: plan, equals: pro}.")
        if found is not None and any(is_template(name) for name in _names(found)):
            fields.fault(key, "Only what follows an operator can be filled in.", "Write attributes and segments out.")
    return document


def fill_people(document: Any, scope: Readable) -> Condition:
    """Return the condition for one journey.

    Raises:
        RenderError: a variable is missing, or what comes out cannot stand where it is.
    """
    faults: list[Fault] = []
    filled = _with_operands(document, "people", lambda _operator, operand, _where: fill(operand, scope))
    found = _read(filled, "people", faults)
    if found is None:
        raise RenderError(str(faults[0]))
    return found


def segments_in(document: Any) -> frozenset[str]:
    """Return the keys of the segments that a condition asks about, which are never templates."""
    found = _read(_with_operands(document, "", lambda operator, operand, _: _standing_in(operator, operand)), "", [])
    return frozenset() if found is None else conditions.touches(found).segments


def _read(document: Any, place: str, faults: list[Fault]) -> Condition | None:
    return conditions.parse(document, place=place, scope=Scope.PEOPLE, faults=faults)


def _names(condition: Condition) -> frozenset[str]:
    asked = conditions.touches(condition)
    return asked.attributes | asked.segments


def _with_operands(node: Any, place: str, change: Callable[[str, Any, str], Any]) -> Any:
    """Return a copy of a condition's document in which every operand is what `change` makes of it."""
    if isinstance(node, list):
        return [_with_operands(one, f"{place}[{number}]", change) for number, one in enumerate(node)]
    if not isinstance(node, Mapping):
        return node
    copied = {}
    for key, value in node.items():
        if key in OPERATORS:
            copied[key] = change(key, value, f"{place}.{key}")
        else:
            copied[key] = _with_operands(value, f"{place}.{key}", change) if key in (*GROUPS, SAME_ITEM) else value
    return copied


def _standing_in(operator: str, operand: Any) -> Any:
    """Return an operand in which texts that the operator can take stand for templates; as it is if none fits."""
    for stand_in in _STAND_INS:
        tried = _replaced(operand, stand_in)
        try:
            OPERATORS[operator].operand.read(tried)
        except RefusedError:
            continue
        return tried
    return operand


def _replaced(operand: Any, stand_in: Any) -> Any:
    if isinstance(operand, list):
        return [_replaced(one, stand_in) for one in operand]
    if isinstance(operand, Mapping):
        return {key: _replaced(one, stand_in) for key, one in operand.items()}
    return stand_in if isinstance(operand, str) and is_template(operand) else operand
