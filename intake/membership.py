"""People are put into manual segments and taken out by hand; campaigns hear of it as of any other change (3.23)."""

from __future__ import annotations

from intake.batch import Batch
from intake.people import Identifier
from storage.inbox import Input


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
