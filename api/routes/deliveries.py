"""Messages: what became of each, and settling those that failed or whose outcome nobody knows."""

from __future__ import annotations

from fastapi import APIRouter

from api import cursors
from api.cursors import Cursor, Limit
from api.dependencies import AppWorkspace, ClockDep, ConnectionDep
from api.raw_paths import Segment
from api.schemas.deliveries import DeliveryOut, DeliverySummary, Settle
from api.schemas.lists import Listing
from api.schemas.problem import problems
from engine import unknown
from intake import interventions
from storage import reading_deliveries
from storage.database import Connection
from storage.pages import FIRST
from storage.reading_deliveries import DeliveryState

router = APIRouter(prefix="/sojourn/v1/deliveries", tags=["Deliveries"], responses=problems(401, 422, 503))


@router.get("", responses=problems(400))
async def list_deliveries(
    workspace: AppWorkspace,
    connection: ConnectionDep,
    state: DeliveryState | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listing[DeliverySummary]:
    """List messages of all campaigns, the newest first. `state=unknown` is what waits for an operator."""
    before = cursors.number(cursor, FIRST)
    page = await reading_deliveries.of_workspace(connection, workspace.id, state=state, before=before, limit=limit)
    return Listing.of([DeliverySummary.of(one) for one in page.items], page.next)


@router.get("/{delivery}", responses=problems(404))
async def show_delivery(delivery: Segment, workspace: AppWorkspace, connection: ConnectionDep) -> DeliveryOut:
    """Show a delivery with the message as it was handed over."""
    return await _delivery(connection, workspace.id, delivery)


@router.post("/{delivery}/settle", responses=problems(404, 409))
async def settle_delivery(
    delivery: Segment, how: Settle, workspace: AppWorkspace, connection: ConnectionDep, clock: ClockDep
) -> DeliveryOut:
    """Send a message again, in the background, or drop it.

    One of unknown outcome goes as it was. One that failed is made anew, of the latest version of its campaign and for
    the person as they are now. Repeating it is harmless.
    """
    await interventions.settle_delivery(connection, workspace.id, delivery, how.action, now=clock())
    return await _delivery(connection, workspace.id, delivery)


async def _delivery(connection: Connection, workspace_id: int, public_id: str) -> DeliveryOut:
    view = await reading_deliveries.one(connection, workspace_id, public_id)
    if view is None:
        raise unknown.delivery(public_id)
    content = await reading_deliveries.content_of(connection, view.id)
    return DeliveryOut.with_content(view, content, await reading_deliveries.clicked_links(connection, view.id))
