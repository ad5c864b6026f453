"""People are put into manual segments and taken out by hand; campaigns hear of it as of any other change (3.23)."""

from __future__ import annotations

from intake.batch import Batch
from intake.people import Identifier
from storage import inbox, manual_members
from storage.database import Connection
from storage.inbox import Input
from storage.manual_members import MOST_AT_ONCE


def change_members(batch: Batch, item: Input) -> None:
    """Apply an input of kind `members`. Whoever is not known, or not any more, is passed over (behaviour 3.21).

    Raises InputError if the segment is gone, archived, or one that people join and leave by themselves (3.01).
    """
    key, is_joining = item.payload["segment"], item.payload["change"] == "add"
    for kind, value in members_named(item):
        person = batch.people.find(kind, value)
        if person is not None:
            batch.enroll(person, key, add=is_joining, at=item.received_at)


def members_named(item: Input) -> list[tuple[Identifier, str]]:
    """Return the identifiers that an input of kind `members` names."""
    by: Identifier = item.payload["by"]
    return [(by, value) for value in item.payload["ids"]]


def is_clearing(item: Input) -> bool:
    """Whether an input takes everybody out of a manual segment."""
    return item.kind == "members" and item.payload["change"] == "clear"


async def next_to_leave(connection: Connection, clearing: Input) -> Input:
    """Return the removal of the next members, of a clearing whose turn has come (behaviour 3.20).

    So whoever was put in by something older leaves too. A segment can have any number of members: a clearing that is
    not through with them waits on in its place, so everything newer comes after it.
    """
    key, after = clearing.payload["segment"], clearing.payload.get("after", 0)
    found = await manual_members.page(connection, clearing.workspace_id, key, after=after, limit=MOST_AT_ONCE)
    if len(found) == MOST_AT_ONCE:
        await inbox.put_back(connection, clearing._replace(payload={**clearing.payload, "after": max(found)}))
    removal = {"segment": key, "change": "remove", "by": "cio_id", "ids": list(found.values())}
    return clearing._replace(payload=removal)
