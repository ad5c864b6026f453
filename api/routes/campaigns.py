"""Campaigns are written as documents and run by an operator: saving, looking, starting, stopping."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request

from api import cursors
from api.cursors import Cursor, Limit
from api.dependencies import AppWorkspace, ClockDep, ConnectionDep, ServicesDep
from api.document_body import Document, document_body
from api.raw_paths import Segment
from api.schemas.campaigns import (
    CampaignOut,
    CampaignSummary,
    ReviewOut,
    SavedOut,
    StateOut,
    Stop,
    VersionOut,
)
from api.schemas.deliveries import DeliverySummary
from api.schemas.journeys import JourneySummary, RefusalOut
from api.schemas.lists import Listing
from api.schemas.problem import problems
from api.schemas.starting import LoadingOrder, Start
from engine import unknown
from engine.errors import NotFound
from intake import archiving, definitions, loading
from storage import reading_campaigns, reading_deliveries, reading_journeys, reading_refusals
from storage.database import Connection
from storage.pages import FIRST
from storage.reading_campaigns import CampaignView
from storage.reading_deliveries import DeliveryState
from storage.reading_journeys import StateFilter

router = APIRouter(prefix="/sojourn/v1/campaigns", tags=["Campaigns"], responses=problems(401, 422, 503))

_BODY: Final = document_body("/sojourn/v1/schemas/campaign.json")


@router.get("", responses=problems(400))
async def list_campaigns(
    workspace: AppWorkspace, connection: ConnectionDep, cursor: Cursor = None, limit: Limit = 50
) -> Listing[CampaignSummary]:
    """List campaigns by key, with their state and how many people are inside."""
    after = cursors.after_key(cursor)
    page = await reading_campaigns.page(connection, workspace.id, after=after, limit=limit)
    return Listing.of([CampaignSummary.of(view) for view in page.items], page.next)


@router.post("/validate", openapi_extra=_BODY, responses=problems(400, 409, 413, 415))
async def validate_campaign(
    document: Document, workspace: AppWorkspace, connection: ConnectionDep, services: ServicesDep
) -> ReviewOut:
    """Read a document without saving it: what refuses a save refuses this, else what a start would have to know."""
    checked = await definitions.check_campaign(
        connection,
        workspace.id,
        document,
        default_sender=services.default_sender,
        channels=services.channels,
    )
    return ReviewOut.of(checked)


@router.put("/{key}", openapi_extra=_BODY, responses=problems(400, 409, 413, 415))
async def save_campaign(
    key: Segment,
    document: Document,
    workspace: AppWorkspace,
    connection: ConnectionDep,
    services: ServicesDep,
) -> SavedOut:
    """Save a document as the next version; a new campaign is a draft. Journeys under way follow the latest version.

    New segments in its trigger are made with it. From then on they live on their own: no document shows them again.
    """
    saved = await definitions.save_campaign(
        connection,
        workspace.id,
        key,
        document,
        default_sender=services.default_sender,
        channels=services.channels,
        now=services.clock(),
    )
    return SavedOut.of(key, saved)


@router.get("/{key}", responses=problems(404))
async def show_campaign(
    request: Request,
    key: Segment,
    workspace: AppWorkspace,
    connection: ConnectionDep,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Without it, the latest.")] = None,
) -> CampaignOut:
    """Show a campaign with the document of one version."""
    view = await _campaign(connection, workspace.id, key)
    shown = view.latest_version if version is None else version
    document = await reading_campaigns.document_of(connection, view.id, shown)
    if document is None:
        raise NotFound(
            f'The campaign "{key}" has no version {shown}.',
            f"The latest is {view.latest_version}; leave `version` out to see it.",
            place="version",
        )
    return CampaignOut.of_version(view, shown, document, url=str(request.base_url))


@router.get("/{key}/versions", responses=problems(400, 404))
async def list_campaign_versions(
    key: Segment, workspace: AppWorkspace, connection: ConnectionDep, cursor: Cursor = None, limit: Limit = 50
) -> Listing[VersionOut]:
    """List every save, the newest first."""
    view = await _campaign(connection, workspace.id, key)
    before = cursors.number(cursor, FIRST)
    page = await reading_campaigns.versions(connection, view.id, before=before, limit=limit)
    return Listing.of([VersionOut.of(one) for one in page.items], page.next)


@router.post("/{key}/start", responses=problems(404, 409))
async def start_campaign(
    key: Segment,
    workspace: AppWorkspace,
    connection: ConnectionDep,
    services: ServicesDep,
    how: Start | None = None,
) -> StateOut:
    """Let people in from now on. 422 lists every error that keeps it from starting; 409 says what to do instead.

    A condition campaign may also be started for those who match already; it is `starting` until they have entered.
    """
    state = await definitions.start_campaign(
        connection,
        workspace.id,
        key,
        load=(how or Start()).load(),
        default_sender=services.default_sender,
        channels=services.channels,
        now=services.clock(),
    )
    return StateOut(key=key, state=state)


@router.post("/{key}/loading", responses=problems(404, 409))
async def order_loading(
    key: Segment, order: LoadingOrder, workspace: AppWorkspace, connection: ConnectionDep, clock: ClockDep
) -> StateOut:
    """Pause or resume letting people in who matched when the campaign started. New matches enter all the time."""
    await loading.order_loading(connection, workspace.id, key, order.action, now=clock())
    return StateOut(key=key, state="starting")


@router.post("/{key}/stop", responses=problems(404, 409))
async def stop_campaign(
    key: Segment, how: Stop, workspace: AppWorkspace, connection: ConnectionDep, clock: ClockDep
) -> StateOut:
    """Let nobody in any more; whoever is inside finishes, or everybody leaves now."""
    state = await definitions.stop_campaign(connection, workspace.id, key, how.mode, now=clock())
    return StateOut(key=key, state=state)


@router.post("/{key}/archive", responses=problems(404, 409))
async def archive_campaign(
    key: Segment, workspace: AppWorkspace, connection: ConnectionDep, clock: ClockDep
) -> StateOut:
    """Put a draft or a stopped campaign away. It can be read, and neither saved nor started."""
    return StateOut(key=key, state=await archiving.archive_campaign(connection, workspace.id, key, now=clock()))


@router.post("/{key}/unarchive", responses=problems(404, 409))
async def unarchive_campaign(
    key: Segment, workspace: AppWorkspace, connection: ConnectionDep, clock: ClockDep
) -> StateOut:
    """Bring an archived campaign back, stopped, and every archived segment that it uses."""
    return StateOut(key=key, state=await archiving.unarchive_campaign(connection, workspace.id, key, now=clock()))


@router.get("/{key}/journeys", responses=problems(400, 404))
async def list_campaign_journeys(
    key: Segment,
    workspace: AppWorkspace,
    connection: ConnectionDep,
    state: StateFilter | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listing[JourneySummary]:
    """List who is and was inside, the newest entry first; events that wait for their filters included."""
    view = await _campaign(connection, workspace.id, key)
    before = cursors.number(cursor, FIRST)
    page = await reading_journeys.of_campaign(
        connection, workspace.id, view.id, state=state, before=before, limit=limit
    )
    return Listing.of([JourneySummary.of(one, workspace.id) for one in page.items], page.next)


@router.get("/{key}/refusals", responses=problems(400, 404))
async def list_campaign_refusals(
    key: Segment, workspace: AppWorkspace, connection: ConnectionDep, cursor: Cursor = None, limit: Limit = 50
) -> Listing[RefusalOut]:
    """List who triggered the campaign and did not enter, and why; the latest first."""
    view = await _campaign(connection, workspace.id, key)
    before = cursors.refusal(cursor, reading_refusals.LATEST)
    page = await reading_refusals.of_campaign(connection, view.id, before=before, limit=limit)
    return Listing.of([RefusalOut.of(one) for one in page.items], page.next)


@router.get("/{key}/deliveries", responses=problems(400, 404))
async def list_campaign_deliveries(
    key: Segment,
    workspace: AppWorkspace,
    connection: ConnectionDep,
    state: DeliveryState | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listing[DeliverySummary]:
    """List the messages of a campaign, the newest first."""
    view = await _campaign(connection, workspace.id, key)
    before = cursors.number(cursor, FIRST)
    page = await reading_deliveries.of_campaign(
        connection, workspace.id, view.id, state=state, before=before, limit=limit
    )
    return Listing.of([DeliverySummary.of(one) for one in page.items], page.next)


async def _campaign(connection: Connection, workspace_id: int, key: str) -> CampaignView:
    view = await reading_campaigns.one(connection, workspace_id, key)
    if view is None:
        raise unknown.campaign(key)
    return view
