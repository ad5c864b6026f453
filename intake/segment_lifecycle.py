"""Segments made by hand, put away, brought back and deleted: none of it may pull the ground from under a campaign.

Each is one transaction over the record and the counter of changes, like saving (intake/definitions.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from engine import segments, unknown
from engine.errors import Conflict
from engine.lifecycle import State
from engine.nesting import dependents, ground_of
from intake.following import follow_segments
from storage import changes, segment_definitions, segment_lifecycle
from storage.database import Connection
from storage.segment_definitions import SegmentRow, uses_of

_LIVING: Final[frozenset[State]] = frozenset({"draft", "starting", "running", "stopping", "stopped"})


async def create_manual(connection: Connection, workspace_id: int, document: object, *, now: datetime) -> str:
    """Make a manual segment, empty; return its key.

    Args:
        connection: without a transaction.
        workspace_id: whose segment it is.
        document: `{name, key, description}`; without a key it is made of the name.
        now: the caller's clock.

    Raises:
        DocumentError: with every fault.
        Conflict: there is a segment of this key already.
    """
    segment = segments.parse({**document, "manual": True} if isinstance(document, Mapping) else document)
    async with connection.transaction():
        await changes.begin(connection, workspace_id)
        if any(row.key == segment.key for row in await segment_definitions.all_of(connection, workspace_id)):
            raise Conflict(f'There is a segment "{segment.key}" already.', "Choose another key.", place="key")
        await segment_lifecycle.create_manual(
            connection, workspace_id, key=segment.key, name=segment.name, description=segment.description, now=now
        )
    return segment.key


async def archive(connection: Connection, workspace_id: int, key: str, *, now: datetime) -> None:
    """Leave a segment as it is from now on; campaigns that are archived may go on naming it (behaviour 3.31, 3.32).

    Raises NotFound, and Conflict with everything that uses it.
    """
    async with connection.transaction():
        await changes.begin(connection, workspace_id)
        known = await segment_definitions.all_of(connection, workspace_id)
        segment = _of(known, key)
        if segment.state == "archived":
            return
        await _refuse_if_used(connection, workspace_id, key, known, by=_LIVING, what="archived")
        await segment_lifecycle.archive(connection, segment.id, now=now)
        await _follow(connection, workspace_id, known, leaving={key}, now=now)


async def unarchive(connection: Connection, workspace_id: int, key: str, *, now: datetime) -> None:
    """Bring a segment back: it is built anew, and nobody enters a campaign by what the build finds (behaviour 3.32).

    Raises NotFound. One that is not archived stays as it is.
    """
    async with connection.transaction():
        await changes.begin(connection, workspace_id)
        known = await segment_definitions.all_of(connection, workspace_id)
        if _of(known, key).state == "archived":
            await bring_back(connection, workspace_id, {key}, known, now=now)


async def bring_back(
    connection: Connection, workspace_id: int, keys: Collection[str], known: Collection[SegmentRow], *, now: datetime
) -> None:
    """Bring back those of these segments that are archived, inside the caller's change (behaviour 3.30).

    With everything archived that they ask about: by a segment that stands still, they would be wrong for ever.
    """
    uses = uses_of(known)
    wanted = ground_of(keys, uses)
    archived = [row for row in known if row.key in wanted and row.state == "archived"]
    if not archived:
        return
    returned = {row.key for row in archived}
    asking = {other for row in archived for other in dependents(row.key, uses)} - returned
    await segment_lifecycle.unarchive(connection, [row.id for row in archived], now=now)
    concerned = [row.id for row in known if row.key in asking and row.state != "archived"]
    await segment_definitions.rebuild(connection, concerned, now=now)
    await _follow(connection, workspace_id, known, returning=returned, now=now)


async def delete(connection: Connection, workspace_id: int, key: str, *, now: datetime) -> None:
    """Delete a segment with its memberships.

    Raises NotFound, and Conflict with everything that uses it, archived or not: what is archived could not come back.
    """
    async with connection.transaction():
        await changes.begin(connection, workspace_id)
        known = await segment_definitions.all_of(connection, workspace_id)
        segment = _of(known, key)
        await _refuse_if_used(connection, workspace_id, key, known, by={*_LIVING, "archived"}, what="deleted")
        await segment_lifecycle.remove(connection, segment.id)
        await _follow(connection, workspace_id, known, leaving={key}, now=now)


async def _refuse_if_used(
    connection: Connection,
    workspace_id: int,
    key: str,
    known: Collection[SegmentRow],
    *,
    by: Collection[State],
    what: str,
) -> None:
    campaigns = await segment_lifecycle.used_by_campaigns(connection, workspace_id, key)
    uses = [f"campaign {campaign} ({state})" for campaign, state in campaigns if state in by]
    asking = [row for row in known if key in row.used() and (row.state != "archived" or "archived" in by)]
    uses += [f"segment {row.key}{' (archived)' if row.state == 'archived' else ''}" for row in asking]
    if uses:
        raise Conflict(
            f'The segment "{key}" cannot be {what} while it is used by: {", ".join(uses)}.',
            "Take it out of them first, or put " + ("them away." if what == "archived" else "it away instead."),
            place="key",
        )


async def _follow(
    connection: Connection,
    workspace_id: int,
    known: Collection[SegmentRow],
    *,
    leaving: Collection[str] = (),
    returning: Collection[str] = (),
    now: datetime,
) -> None:
    """Keep what is counted of events to what the segments ask that are left."""
    asking = [row for row in known if row.key not in leaving and (row.state != "archived" or row.key in returning)]
    await follow_segments(connection, workspace_id, asking, now=now)


def _of(known: Collection[SegmentRow], key: str) -> SegmentRow:
    found = next((row for row in known if row.key == key), None)
    if found is None:
        raise unknown.segment(key)
    return found
