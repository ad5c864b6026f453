"""A block's changes go the way of clients' calls: segments follow them, campaigns hear of them, and nothing is special.

What concerns one person of this workspace is applied at once, so that later blocks see it. What concerns many, or
another workspace, goes into the inbox with the same commit, and intake applies it a moment later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from activities.finding import Found
from engine.conditions import Condition
from engine.decisions import Note
from engine.effects import Change, ChangeMany, ChangeSegment, SendEvent, SetAttributes, Target
from engine.errors import InputError
from intake.identity import wishes
from intake.people import Identifier
from intake.processor import Processor
from storage import inbox, keys
from storage.database import Connection
from storage.inbox import Input
from storage.journeys import JourneyRow

_REMOVED: Final = None
"""What an identify says of an attribute that is to go."""


def targets_of(changes: Iterable[Change]) -> list[tuple[Identifier, str]]:
    """Return the identifiers of all who have to be locked at once, beside the person of the journey.

    That is who is changed, and who has an identifier that somebody would get by a change.
    """
    found: list[tuple[Identifier, str]] = []
    for one in changes:
        if isinstance(one, SetAttributes) or (isinstance(one, SendEvent) and not one.workspace):
            found += [] if one.target is None else [(one.target.by, one.target.value)]
        if isinstance(one, SetAttributes):
            found += [(kind, value) for kind, value in wishes(one.set).items() if value is not None]
    return found


async def carry_out(
    connection: Connection,
    processor: Processor,
    row: JourneyRow,
    block: str,
    changes: Iterable[Change],
    found: Mapping[Condition, Found],
    *,
    now: datetime,
) -> list[Note]:
    """Make the changes of a block, inside the caller's transaction; return what there is to say of them.

    Args:
        connection: in a transaction that has locked the people of `targets_of` and that of the journey.
        processor: applies what concerns this workspace.
        row: the journey.
        block: whose changes these are.
        changes: in the order in which they are made.
        found: condition to who matched it, of each that is about many.
        now: the journey's instant.

    Raises InputError, and what an input raises that cannot be applied; the transaction must then be given up.
    """
    depth = {"depth": row.depth + 1}
    here: list[Input] = []
    later: list[Input] = []
    notes: list[Note] = []

    def made(seen: Mapping[str, Any]) -> None:
        notes.append(Note(kind="changed", block=block, text=f"Block {block}: the change is made", seen=seen))

    for change in changes:
        match change:
            case SetAttributes() | SendEvent(workspace=None):
                here.append(_input(row.workspace_id, _who(row, change.target), change, depth, now))
                made(_seen(change))
            case SendEvent(workspace=name):
                workspace = await keys.workspace_named(connection, name or "")
                if workspace is None:
                    raise InputError("workspace", f"There is no workspace {name!r}.", "Correct its name in the block.")
                later.append(_input(workspace, _who_elsewhere(row, change.target), change, depth, now))
                made(_seen(change))
            case ChangeSegment(segment, add):
                verb = "add" if add else "remove"
                payload = {"segment": segment, "change": verb, "by": "cio_id", "ids": [row.cio_id], **depth}
                here.append(Input(row.workspace_id, "members", payload, now))
                made({verb: segment})
            case ChangeMany(change=each):
                people = found[change.people]
                later += [_input(row.workspace_id, {"cio_id": one}, each, depth, now) for one in people.cio_ids]
                made({**_seen(each), "people": len(people.cio_ids)})
                if people.is_cut_short:
                    text = f"Block {block}: more people match than {len(people.cio_ids)}; the others are left out"
                    notes.append(Note(kind="left_out", block=block, text=text))
    await processor.process(connection, here, now=now)
    if later:
        await inbox.append(connection, later)
    return notes


def _input(
    workspace_id: int,
    who: Mapping[str, Any],
    change: SetAttributes | SendEvent,
    depth: Mapping[str, int],
    now: datetime,
) -> Input:
    if isinstance(change, SetAttributes):
        attributes = {**change.set, **dict.fromkeys(change.remove, _REMOVED)}
        return Input(workspace_id, "identify", {"who": who, "attributes": attributes, **depth}, now)
    event = {"who": who, "type": "event", "name": change.name, "data": dict(change.data), **depth}
    return Input(workspace_id, "event", event, now)


def _who(row: JourneyRow, target: Target | None) -> dict[str, Any]:
    return {target.by: target.value} if target else {"cio_id": row.cio_id}


def _who_elsewhere(row: JourneyRow, target: Target | None) -> dict[str, Any]:
    """Return whom an event in another workspace is about: its people have ids of their own there."""
    if target is not None:
        return {target.by: target.value}
    if row.external_id is not None:
        return {"id": row.external_id}
    if row.email is not None:
        return {"email": row.email}
    raise InputError("person", "The person has neither an id nor an email.", "Name one with `person`.")


def _seen(change: SetAttributes | SendEvent) -> dict[str, Any]:
    if isinstance(change, SetAttributes):
        return {"set": dict(change.set), "removed": list(change.remove)}
    elsewhere = {} if change.workspace is None else {"workspace": change.workspace}
    return {"event": change.name, "data": dict(change.data), **elsewhere}
