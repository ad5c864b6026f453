"""Whoever writes a trigger may miss the segment for it, and should not have to leave for that (behaviour 1.18).

So a condition trigger may bring segments along, which are made with the campaign. What exists already stays as it is:
others use it, and a campaign must not change who is meant without their knowing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from engine import conditions, segments
from engine.conditions import Condition
from engine.documents import LONGEST_NAME, Fields, read_key, shown
from engine.errors import Fault
from engine.nesting import Uses, circles, ground_of
from engine.segments import Segment

PLACE: Final = "trigger.segments"

MOST: Final = 20
"""More than one trigger can be read with, and few enough to be made while intake waits."""


def read_segments(fields: Fields, asked: Condition | None) -> tuple[Segment, ...]:
    """Read `segments: {big-spenders: {name: Big spenders, condition: …}}`: documents of segments, their keys in front.

    `asked` is the condition of the trigger, which must ask about each, itself or by way of the others; None if it has
    faults.
    """
    written = fields.take("segments")
    if written is None:
        return ()
    if not isinstance(written, Mapping):
        remedy = "Write `big-spenders: {name: Big spenders, condition: …}`."
        fields.fault("segments", f"This is {shown(written)}, where keys with segments belong.", remedy)
        return ()
    if len(written) > MOST:
        remedy = "Apply them as documents of their own."
        fields.fault("segments", f"There are more than {MOST} segments.", remedy)
        return ()
    known = len(fields.faults)
    read = tuple(_segment(key, one, fields) for key, one in written.items())
    if len(fields.faults) == known:
        uses = {one.key: one.segments_used for one in read}
        fields.faults.extend(circles({key: condition_of(key) for key in uses}, uses).values())
        fields.faults.extend([] if asked is None else _unused(asked, uses))
    return read


def place_of(key: str) -> str:
    """Return where a new segment stands in the document of its campaign."""
    return f"{PLACE}.{key}"


def condition_of(key: str) -> str:
    """Return where its condition stands."""
    return f"{place_of(key)}.condition"


def clashes(
    wanted: Iterable[Segment],
    known: Mapping[str, Condition | None],
    archived: AbstractSet[str] = frozenset(),
    *,
    files: Mapping[str, str] | None = None,
) -> list[Fault]:
    """Return a fault for each new segment whose key another segment has already.

    Args:
        wanted: the new segments of a trigger.
        known: the condition of each segment that exists; None of a manual one.
        archived: keys of those among them that are archived.
        files: the file of each that does not exist yet, and is defined there.
    """
    found = ((one.key, _clash(one, known[one.key], one.key in archived)) for one in wanted if one.key in known)
    return [
        Fault(place=place_of(key), problem=f"{_other(key, files or {})}, {problem}", remedy=remedy)
        for key, (problem, remedy) in found
        if problem
    ]


def _segment(key: object, written: object, fields: Fields) -> Segment:
    place = f"{fields.at('segments')}.{str(key)[:LONGEST_NAME]}"
    inside = Fields(written, place, fields.faults)
    read = segments.read(inside, key=read_key(key, place, fields.faults) or "")
    inside.finish()
    return read


def _unused(asked: Condition, uses: Uses) -> list[Fault]:
    reached = ground_of(conditions.touches(asked).segments, uses)
    remedy = "Write it into the condition, or leave it out here."
    problem = "The condition of the trigger does not ask about it."
    return [Fault(place=place_of(key), problem=problem, remedy=remedy) for key in uses if key not in reached]


def _other(key: str, files: Mapping[str, str]) -> str:
    if key in files:
        return f"The file {files[key]} defines the segment `{key}`, too"
    return f"There is a segment `{key}` already"


def _clash(wanted: Segment, known: Condition | None, is_archived: bool) -> tuple[str, str]:
    if is_archived:
        return "which is archived.", f"Run `sojourn segments unarchive {wanted.key}`, or write another key."
    if known == wanted.condition:
        return "", ""
    if known is None or wanted.is_manual:
        kind = "by a condition" if wanted.is_manual else "whose members are added by hand"
        return f"{kind}.", "Write another key, or leave it out here to ask about that one."
    remedy = "Change it for all who use it with `sojourn segments apply`, write another key here, or leave it out."
    return "with another condition.", remedy
