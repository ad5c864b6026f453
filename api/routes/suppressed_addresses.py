"""Addresses that must not be mailed, whoever has them and whatever a campaign says (behaviour 11.10)."""

from __future__ import annotations

from fastapi import APIRouter

from api import cursors
from api.cursors import Cursor, Limit
from api.dependencies import AppWorkspace, ClockDep, ConnectionDep
from api.raw_paths import Segment
from api.schemas.lists import Listing
from api.schemas.problem import problems
from api.schemas.suppressed_addresses import Suppress, SuppressedAddressOut
from engine.addresses import address_key
from engine.errors import NotFound
from storage import suppressed_addresses
from storage.database import Connection

router = APIRouter(
    prefix="/sojourn/v1/suppressed-addresses", tags=["Suppressed addresses"], responses=problems(400, 401, 422, 503)
)


@router.get("")
async def list_suppressed_addresses(
    workspace: AppWorkspace, connection: ConnectionDep, cursor: Cursor = None, limit: Limit = 50
) -> Listing[SuppressedAddressOut]:
    """List suppressed addresses in alphabetical order."""
    after = cursors.after_key(cursor)
    page = await suppressed_addresses.page(connection, workspace.id, after=after, limit=limit)
    return Listing.of([SuppressedAddressOut.of(one) for one in page.items], page.next)


@router.get("/{address}", responses=problems(404))
async def show_suppressed_address(
    address: Segment, workspace: AppWorkspace, connection: ConnectionDep
) -> SuppressedAddressOut:
    """Say why and since when an address is suppressed; 404 if it is not."""
    return await _suppressed(connection, workspace.id, address_key(address))


@router.put("/{address}")
async def suppress_address(
    address: Segment,
    workspace: AppWorkspace,
    connection: ConnectionDep,
    clock: ClockDep,
    why: Suppress | None = None,
) -> SuppressedAddressOut:
    """Suppress an address from now on. One that is suppressed already stays as it is."""
    key, reason = address_key(address), (why or Suppress()).reason
    async with connection.transaction():
        await suppressed_addresses.add(connection, workspace.id, key, reason, now=clock())
        return await _suppressed(connection, workspace.id, key)


@router.delete("/{address}", status_code=204, responses=problems(404))
async def free_address(address: Segment, workspace: AppWorkspace, connection: ConnectionDep) -> None:
    """Let an address be mailed again. What was withheld from it meanwhile is not made up for."""
    if not await suppressed_addresses.remove(connection, workspace.id, address_key(address)):
        raise _not_suppressed(address)


async def _suppressed(connection: Connection, workspace_id: int, key: str) -> SuppressedAddressOut:
    view = await suppressed_addresses.one(connection, workspace_id, key)
    if view is None:
        raise _not_suppressed(key)
    return SuppressedAddressOut.of(view)


def _not_suppressed(address: str) -> NotFound:
    return NotFound(
        f'The address "{address}" is not suppressed.',
        "Nothing is withheld from it; check it.",
        place="address",
    )
