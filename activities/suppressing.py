"""A suppressed address gets nothing, in whatever place of a message it stands (behaviour 11.10).

The one in `to` decides about the message; those in copy are left out of it, and the journey's log says so.
"""

from __future__ import annotations

from typing import Any, Final

from engine.addresses import address_key
from engine.decisions import Note
from storage import suppressed_addresses
from storage.database import Connection

SUPPRESSED: Final = "The address is suppressed."

_IN_COPY: Final = ("cc", "bcc", "copies")


async def is_suppressed(connection: Connection, workspace_id: int, address: str) -> bool:
    """Say whether an address, with or without a name, must not be mailed."""
    return bool(await suppressed_addresses.among(connection, workspace_id, [address_key(address)]))


async def without_suppressed(
    connection: Connection, workspace_id: int, content: dict[str, Any], *, block: str
) -> tuple[dict[str, Any], list[Note]]:
    """Return a message in its JSON form without the suppressed addresses in copy, and what there is to say of them."""
    asked = {address_key(address) for place in _IN_COPY for address in content.get(place, ())}
    suppressed = await suppressed_addresses.among(connection, workspace_id, asked) if asked else set()
    if not suppressed:
        return content, []
    kept: dict[str, list[str]] = {}
    left_out: list[Note] = []
    for place in _IN_COPY:
        kept[place] = [address for address in content[place] if address_key(address) not in suppressed]
        if gone := [address for address in content[place] if address_key(address) in suppressed]:
            text = f"Message {block}: left out of the copies, the address is suppressed"
            left_out.append(Note(kind="suppressed", block=block, text=text, seen={place: gone}))
    return {**content, **kept}, left_out
