"""A whole condition about people as one query over a range of them, with what time alone will change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

from engine.conditions import All, AnyOf, Condition, HasDevice, InSegment, Leaf, Performed, Relative, SameItem, Subject
from engine.conditions.compiling import is_negative
from storage.matching.arguments import Arguments
from storage.matching.events import Counted, counted
from storage.matching.operators import change_of, test_of
from storage.matching.values import Values, values

_DEVICE: Final = (
    "(devices.attributes || jsonb_build_object('platform', devices.platform, "
    "'last_used', floor(extract(epoch FROM devices.last_used))::bigint))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A condition over the people `p`.

    `joins` belongs behind `FROM people AS p`; it counts events of the people with ids in ($first, $last].
    """

    truth: str
    """True, false, or NULL where only Python can say."""
    change: str | None
    """The earliest instant at which time alone may change the truth: early perhaps, never late. None: it never does."""
    joins: str


def ask(
    condition: Condition,
    arguments: Arguments,
    *,
    segments: Mapping[str, int],
    now: datetime,
    first: str,
    last: str,
) -> Asked:
    """Return a condition as SQL.

    Args:
        condition: of a segment.
        arguments: of the query; those of the condition are added.
        segments: ids of segments by key. A segment that is not there has no members.
        now: the instant at which it is asked.
        first: how the query names the id that the people's ids lie above.
        last: how it names the last of their ids.
    """
    asker = _Asker(arguments, segments, now, first, last)
    truth = asker.truth(condition)
    changes = asker.changes
    return Asked(
        truth=truth,
        change=f"least({', '.join(changes)})" if changes else None,
        joins=" ".join(one.join for one in asker.counts),
    )


def judged(where: Condition | None, arguments: Arguments, *, now: datetime) -> str:
    """Return the truth of what a question asks of `events.data`, as SQL; every event meets None."""
    return "true" if where is None else _Asker(arguments, {}, now, "", "").truth(where, "events.data")


class _Asker:
    def __init__(self, arguments: Arguments, segments: Mapping[str, int], now: datetime, first: str, last: str) -> None:
        self.arguments = arguments
        self.segments = segments
        self.now = now
        self.range = (first, last)
        self.counts: list[Counted] = []
        self.changes: list[str] = []

    def truth(self, condition: Condition, root: str | None = None, rows: tuple[str, ...] = ()) -> str:
        """Return the truth of a condition; `root` is the JSON inside which paths begin, found over `rows`."""
        match condition:
            case All(parts):
                return f"({' AND '.join(self.truth(part, root, rows) for part in parts)})" if parts else "false"
            case AnyOf(parts):
                return f"({' OR '.join(self.truth(part, root, rows) for part in parts)})" if parts else "false"
            case InSegment(key, negative):
                known = self.arguments.add(self.segments.get(key, 0), "bigint")
                member = f"EXISTS (SELECT FROM segment_members WHERE segment_id = {known} AND person_id = p.id)"
                return f"NOT {member}" if negative else member
            case Leaf():
                found = self.found(condition.subject, condition.path.steps, root)
                if isinstance(condition.operand, Relative):
                    self.change(found, condition, rows)
                truth = found.any(test_of(condition, self.arguments, now=self.now))
                return f"(NOT {truth})" if is_negative(condition) else truth
            case SameItem(subject, path, where):
                items = self.found(subject, path.steps, root)
                assert items.rows is not None  # the path ends with []
                inside = self.truth(where, items.value, (*rows, items.rows))
                return items.any(lambda _: inside)
            case HasDevice(where, negative):
                return self.device(where, negative=negative)
            case Performed():
                return self.performed(condition)
            case _:
                assert_never(condition)

    def found(self, subject: Subject, steps: tuple[object, ...], root: str | None) -> Values:
        if subject is Subject.ATTRIBUTE:
            name, *rest = steps
            return values(self.attribute(str(name)), tuple(rest), self.arguments)  # type: ignore[arg-type]
        assert root is not None  # paths stand inside events, items and devices only
        return values(root, steps, self.arguments)  # type: ignore[arg-type]

    def attribute(self, name: str) -> str:
        kept = f"(p.attributes -> {self.arguments.add(name, 'text')})"
        if name in ("id", "email"):
            column = "external_id" if name == "id" else "email"
            return f"coalesce(to_jsonb(p.{column}), {kept})"
        return kept

    def change(self, found: Values, leaf: Leaf, rows: tuple[str, ...]) -> None:
        instant = found.earliest(change_of(leaf, self.arguments, now=self.now))
        for outer in reversed(rows):
            instant = f"(SELECT min({instant}) FROM {outer})"
        self.changes.append(instant)

    def device(self, where: Condition | None, *, negative: bool) -> str:
        rows = "(SELECT * FROM devices WHERE devices.person_id = p.id) AS devices"
        if where is None:
            truth = "EXISTS (SELECT FROM devices WHERE devices.person_id = p.id)"
        else:
            inside = self.truth(where, _DEVICE, (rows,))
            truth = Values("", rows).any(lambda _: inside)
        return f"(NOT {truth})" if negative else truth

    def performed(self, condition: Performed) -> str:
        where = judged(condition.question.where, self.arguments, now=self.now)
        found = counted(condition, self.arguments, where=where, now=self.now, ids=self.range)
        self.counts.append(found)
        self.changes.append(found.change)
        return found.truth
