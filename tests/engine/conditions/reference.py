"""The condition language a second time: on the document itself, as slow and as plain as the statements read.

It shares nothing with the engine but `MISSING`, so that the two can only agree by both being right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from engine.conditions import MISSING, Facts
from tests.engine.conditions.builders import Happened
from tests.engine.conditions.documents import PATHS

NEGATIVE = {"not_equals": "equals", "not_one_of": "one_of", "not_contains": "contains"}
UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}


def meets(document: dict[str, Any], facts: Facts, here: Any = MISSING, events: Sequence[Happened] = ()) -> bool:
    if "all" in document:
        return bool(document["all"]) and all(meets(part, facts, here, events) for part in document["all"])
    if "any" in document:
        return any(meets(part, facts, here, events) for part in document["any"])
    if "performed" in document or "not_performed" in document:
        return performs(document, facts, events)
    if "device" in document or "no_device" in document:
        return has_device(document, facts)
    if "in" in document:
        return document["in"] in facts.segments
    if "not_in" in document:
        return document["not_in"] not in facts.segments
    (subject, path), (operator, operand) = document.items()
    root = {"attribute": facts.attributes, "data": facts.data, "path": here}[subject]
    found = list(walk(root, PATHS.get(path, (path,))))
    if operator == "same_item":
        return any(all(meets(part, facts, item) for part in operand) for item in found)
    if operator == "exists" and operand is False:
        return not any(satisfies(value, "exists", operand, facts.now) for value in found)
    if operator in NEGATIVE:
        return not any(satisfies(value, NEGATIVE[operator], operand, facts.now) for value in found)
    return any(satisfies(value, operator, operand, facts.now) for value in found)


def performs(document: dict[str, Any], facts: Facts, events: Sequence[Happened]) -> bool:
    [(key, asked)] = document.items()
    window = length(asked["within"]) if "within" in asked else None
    count = sum(counts(asked, event, facts) for event in events if window is None or event.at > facts.now - window)
    if key == "not_performed":
        is_known = window is None or facts.known_since is None or facts.now - facts.known_since >= window
        return count == 0 and is_known
    least = asked.get("exactly", asked.get("at_least", 0 if "at_most" in asked else 1))
    most = asked.get("exactly", asked.get("at_most", count))
    return bool(least <= count <= most)


def counts(asked: dict[str, Any], event: Happened, facts: Facts) -> bool:
    wanted = asked.get(event.kind)
    is_named = wanted["contains"] in event.name if isinstance(wanted, dict) else wanted == event.name
    return is_named and event.at <= facts.now and all_of(asked.get("where") or (), facts, event.data)


def all_of(where: Any, facts: Facts, here: Any) -> bool:
    """Whether all conditions that say anything hold; nothing but empty groups asks nothing."""
    document = {"all": where} if isinstance(where, list | tuple) else where
    return asks_nothing(document) or meets(document, facts, here)


def asks_nothing(document: dict[str, Any]) -> bool:
    parts = document.get("all", document.get("any", [])) if not document or {"all", "any"} & document.keys() else None
    return parts is not None and all(asks_nothing(part) for part in parts)


def has_device(document: dict[str, Any], facts: Facts) -> bool:
    [(key, where)] = document.items()
    return any(all_of(where, facts, device) for device in facts.devices) == (key == "device")


def walk(value: Any, steps: tuple[str | int | None, ...]) -> Iterator[Any]:
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    if step is None:
        for item in value if isinstance(value, list) else []:
            yield from walk(item, rest)
    elif isinstance(step, str):
        if isinstance(value, dict) and step in value:
            yield from walk(value[step], rest)
    elif isinstance(value, list) and step < len(value):
        yield from walk(value[step], rest)


def satisfies(value: Any, operator: str, operand: Any, now: datetime) -> bool:  # noqa: C901  # one line per operator
    match operator:
        case "exists":
            return value is not None and value != ""
        case "equals":
            return equal(value, operand)
        case "one_of":
            return any(equal(value, one) for one in operand)
        case "contains":
            terms = [term.replace("\0", "|") for term in operand.replace(r"\|", "\0").split("|")]
            if isinstance(value, list):
                return any(equal(item, term) for item in value for term in terms)
            return isinstance(value, str) and any(term in value for term in terms)
        case "starts_with":
            return isinstance(value, str) and value[: len(operand)] == operand
        case "ends_with":
            return isinstance(value, str) and value[-len(operand) :] == operand
        case "greater_than" | "less_than" | "at_least" | "at_most":
            size = number(value)
            limit = number(operand)
            assert limit is not None
            return (
                size is not None
                and {
                    "greater_than": size > limit,
                    "less_than": size < limit,
                    "at_least": size >= limit,
                    "at_most": size <= limit,
                }[operator]
            )
        case "is_true":
            return equal(value, operand=True)
        case "is_false":
            return equal(value, operand=False)
        case "is_timestamp":
            return second(value) is not None
        case "before" | "after":
            then = second(value)
            limit_second = moment(operand, now)
            return then is not None and (then < limit_second if operator == "before" else then > limit_second)
        case "between":
            read: Callable[[Any], Any] = second if isinstance(operand[0], str) else number
            low, size, high = (read(one) for one in (operand[0], value, operand[1]))
            return size is not None and bool(low <= size <= high)
        case "matches":
            return isinstance(value, str) and re.compile(operand).fullmatch(value) is not None
    raise AssertionError(operator)


def equal(value: Any, operand: Any) -> bool:
    if isinstance(operand, bool):
        spelled: list[Any] = ["true", "1"] if operand else ["false", "0"]
        return value in spelled if isinstance(value, str) else isinstance(value, int | float) and value == operand
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    if isinstance(value, str) and isinstance(operand, str):
        if value == operand:
            return True
    elif number(value) is not None and number(value) == number(operand):
        return True
    return (is_iso(value) or is_iso(operand)) and second(value) is not None and second(value) == second(operand)


def number(value: Any) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, str) and not re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", value, re.ASCII):
        return None
    # A text with a fraction means the number that JSON would have made of it.
    return Fraction(float(value)) if isinstance(value, str) and "." in value else Fraction(value)


def is_iso(value: Any) -> bool:
    return isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value) is not None


def second(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, str) and is_iso(value):
        instant = datetime.fromisoformat(value)
        return int((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp())
    if isinstance(value, str) and not re.fullmatch(r"-?\d+", value, re.ASCII):
        return None
    whole = Fraction(value).__floor__()
    return whole if whole >= -62_135_596_800 and Fraction(value) <= 100_000_000_000 else None


def moment(operand: Any, now: datetime) -> int:
    if not isinstance(operand, dict):
        known = second(operand)
        assert known is not None
        return known
    [(direction, text)] = operand.items()
    return int((now - length(text) if direction == "ago" else now + length(text)).timestamp())


def length(text: str) -> timedelta:
    return sum((timedelta(**{UNITS[unit]: int(n)}) for n, unit in re.findall(r"(\d+)([wdhm])", text)), timedelta())
