"""How often people did something, counted for a whole range of them at once (behaviour 3.06-3.12).

An event whose data only Python can judge counts as perhaps: the answer is NULL where it makes a difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.conditions import Performed
from engine.instants import LARGEST_UNIX
from storage.matching.arguments import Arguments


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One question about events: how it is joined to the people `p`, and what comes of it."""

    join: str
    truth: str
    change: str


def counted(condition: Performed, arguments: Arguments, *, where: str, now: datetime, ids: tuple[str, str]) -> Counted:
    """Return a condition on events as SQL. `where` is the truth of its conditions on `events.data`."""
    name = arguments.name()
    present = arguments.add(now, "timestamptz")
    within = None if condition.within is None else arguments.add(condition.within, "interval")
    come = f"occurred_at <= {present}" + ("" if within is None else f" AND occurred_at > {present} - {within}")
    question = condition.question
    kind, wanted = arguments.add(question.kind, "text"), arguments.add(question.name, "text")
    named = f"strpos(name, {wanted}) > 0" if question.part else f"name = {wanted}"
    first, last = ids
    nth = f"(array_agg(occurred_at ORDER BY occurred_at DESC) FILTER (WHERE {come} AND judged))[{condition.at_least}]"
    newest = f"max(occurred_at) FILTER (WHERE {come} AND judged)" if condition.at_least <= 1 else nth
    join = (
        "LEFT JOIN (SELECT person_id, "
        f"count(*) FILTER (WHERE {come} AND judged) AS sure, "
        f"count(*) FILTER (WHERE {come} AND judged IS NULL) AS perhaps, "
        f"{newest} AS newest, "
        f"min(occurred_at) FILTER (WHERE {come} AND judged IS NOT FALSE) AS oldest, "
        f"min(occurred_at) FILTER (WHERE occurred_at > {present} AND judged IS NOT FALSE) AS upcoming "
        f"FROM (SELECT person_id, occurred_at, {where} AS judged FROM events "
        f"WHERE person_id > {first} AND person_id <= {last} AND kind = {kind} AND {named}) AS judged "
        f"GROUP BY person_id) AS {name} ON {name}.person_id = p.id"
    )
    if condition.negative:
        return Counted(join=join, truth=_never(name, present, within), change=_change_of_never(name, present, within))
    return Counted(join=join, truth=_often(name, condition), change=_change(name, condition, within))


def _often(name: str, condition: Performed) -> str:
    sure, most = f"coalesce({name}.sure, 0)", f"coalesce({name}.sure + {name}.perhaps, 0)"
    if condition.at_most is None:
        return f"CASE WHEN {sure} >= {condition.at_least} THEN true WHEN {most} < {condition.at_least} THEN false END"
    is_inside = f"{sure} >= {condition.at_least} AND {most} <= {condition.at_most}"
    is_outside = f"{most} < {condition.at_least} OR {sure} > {condition.at_most}"
    return f"CASE WHEN {is_inside} THEN true WHEN {is_outside} THEN false END"


def _change(name: str, condition: Performed, within: str | None) -> str:
    if within is None:
        return f"{name}.upcoming"
    # With an upper bound the truth can turn with every event that leaves the window: look at the first of them.
    leaving = f"{name}.newest" if condition.at_most is None else f"{name}.oldest"
    return f"least({name}.upcoming, {leaving} + {within})"


def _never(name: str, present: str, within: str | None) -> str:
    sure, perhaps = f"coalesce({name}.sure, 0) > 0", f"coalesce({name}.perhaps, 0) > 0"
    if within is None:
        return f"CASE WHEN {sure} THEN false WHEN {perhaps} THEN NULL::boolean ELSE true END"
    return (
        f"CASE WHEN {sure} THEN false WHEN {perhaps} OR {_IS_UNCLEAR} THEN NULL "
        f"ELSE {_KNOWN_SINCE} + {within} <= {present} END"
    )


def _change_of_never(name: str, present: str, within: str | None) -> str:
    if within is None:
        return f"{name}.upcoming"
    known = f"CASE WHEN {_KNOWN_SINCE} + {within} > {present} THEN {_KNOWN_SINCE} + {within} END"
    return f"least({name}.upcoming, {name}.newest + {within}, {known})"


_CREATED = "(p.attributes -> 'created_at')"
_IS_SECONDS = (
    f"CASE WHEN jsonb_typeof({_CREATED}) = 'number' AND length({_CREATED}::text) <= 15 "
    f"THEN {_CREATED}::numeric BETWEEN 0 AND {LARGEST_UNIX} ELSE false END"
)
_KNOWN_SINCE = (
    f"least(p.created_at, p.first_event_at, "
    f"CASE WHEN {_IS_SECONDS} THEN to_timestamp({_CREATED}::double precision) END)"
)
"""Since when a person is known (behaviour 3.10): created here, or in the caller's system, or of their first event."""
_IS_UNCLEAR = (
    f"CASE jsonb_typeof({_CREATED}) WHEN 'string' THEN ({_CREATED} #>> '{{}}') ~ '^[-0-9]' "
    f"WHEN 'number' THEN NOT {_IS_SECONDS} ELSE false END"
)
"""Whether only Python can say what `created_at` says."""
