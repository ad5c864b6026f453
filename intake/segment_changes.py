"""A segment is saved by itself or made by the campaign that brings it along (behaviour 1.18): both must do the same.

All of it happens inside the caller's change, after `changes.begin`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal

from engine.errors import Conflict, DocumentError, Fault
from engine.nesting import circles, dependents, refuse_circle
from engine.segments import Segment, to_document
from engine.triggers.new_segments import clashes, condition_of
from intake.following import follow_segments, forget_postponed
from storage import segment_definitions, segment_lifecycle
from storage.database import Connection
from storage.segment_definitions import SegmentRow, uses_of

Outcome = Literal["created", "changed", "unchanged"]

Known = Mapping[str, SegmentRow]
"""Every segment of the workspace by its key."""


async def known_segments(connection: Connection, workspace_id: int) -> Known:
    """Return every segment of a workspace by its key."""
    return {row.key: row for row in await segment_definitions.all_of(connection, workspace_id)}


def archived_in(known: Known) -> frozenset[str]:
    """Return the keys of those segments that are archived."""
    return frozenset(key for key, row in known.items() if row.state == "archived")


def refuse_segment(segment: Segment, known: Known) -> None:
    """Refuse to save a segment under its key.

    Raises DocumentError for a circle of segments (behaviour 3.15), and if it would change between manual and
    data-driven; Conflict for an archived one.
    """
    refuse_circle(segment.key, uses_of(known.values()) | {segment.key: segment.segments_used})
    before = known.get(segment.key)
    if before is None:
        return
    if before.state == "archived":
        raise Conflict(f'The segment "{segment.key}" is archived.', "Bring it back first.", place="key")
    if (before.kind == "manual") != segment.is_manual:
        problem = f'"{segment.key}" is a {"manual" if before.kind == "manual" else "data-driven"} segment.'
        remedy = "It stays one for ever: save this under another key."
        raise DocumentError([Fault(place="key", problem=problem, remedy=remedy)])


async def write_segment(
    connection: Connection, workspace_id: int, segment: Segment, before: SegmentRow | None, *, now: datetime
) -> tuple[int, Outcome]:
    """Write a segment that is not refused; return its version, and what became of it.

    With another condition `follow_redefined` has to come next.
    """
    condition = to_document(segment).get("condition")
    name, description = segment.name, segment.description
    if before is None and condition is None:
        await segment_lifecycle.create_manual(
            connection, workspace_id, key=segment.key, name=name, description=description, now=now
        )
        return 1, "created"
    if before is None:
        await segment_definitions.create(
            connection,
            workspace_id,
            key=segment.key,
            name=name,
            description=description,
            condition=condition,
            now=now,
        )
        return 1, "created"
    if (before.name, before.description) != (name, description):
        await segment_definitions.describe(connection, before.id, name=name, description=description, now=now)
    elif before.condition == condition:
        return before.version, "unchanged"
    if before.condition == condition:
        return before.version, "changed"
    await segment_definitions.redefine(connection, before.id, condition, now=now)
    return before.version + 1, "changed"


async def follow_redefined(connection: Connection, workspace_id: int, keys: Collection[str], *, now: datetime) -> None:
    """Carry out what other conditions bring with them: build anew whatever asks about them, count what they ask.

    Whoever began to match by the condition before, and waits for its build, is forgotten (behaviour 3.17). What is
    archived is left alone: it is built when it comes back (3.32).
    """
    known = await known_segments(connection, workspace_id)
    live = [row for row in known.values() if row.state != "archived"]
    uses = uses_of(known.values())
    asking = {other for key in keys for other in dependents(key, uses)}
    await segment_definitions.rebuild(connection, [row.id for row in live if row.key in asking], now=now)
    await forget_postponed(connection, workspace_id, asking.union(keys))
    await follow_segments(connection, workspace_id, live, now=now)


def to_make(wanted: Sequence[Segment], known: Known) -> list[Segment]:
    """Return those of the segments that a campaign brings along which do not exist yet.

    Raises DocumentError, with the places in the campaign, if one exists as another segment or archived, and for
    circles.
    """
    conditions = {one.key: known[one.key].asked() for one in wanted if one.key in known}
    faults = clashes(wanted, conditions, archived_in(known))
    new = [one for one in wanted if one.key not in known]
    uses = uses_of(known.values()) | {one.key: one.segments_used for one in new}
    faults.extend(circles({one.key: condition_of(one.key) for one in new}, uses).values())
    if faults:
        raise DocumentError(faults)
    return new


async def make_segments(
    connection: Connection, workspace_id: int, wanted: Sequence[Segment], *, now: datetime
) -> list[str]:
    """Make those segments that do not exist yet, and return their keys (behaviour 1.18). Raises what `to_make` does."""
    new = to_make(wanted, await known_segments(connection, workspace_id)) if wanted else []
    for segment in new:
        await write_segment(connection, workspace_id, segment, None, now=now)
    keys = [segment.key for segment in new]
    if keys:
        await follow_redefined(connection, workspace_id, keys, now=now)
    return keys
