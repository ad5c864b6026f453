"""Whoever clicks wants to get somewhere, whatever state we are in: only a wrong signature may keep them from it.

What they did is committed before the answer. If the record is away or slow they are answered all the same, and that is
lost: logged and counted. HEAD, by which links are looked at beforehand, is answered and not recorded. Only a few are
written at once, since a newsletter is opened by everybody and the inputs of others need the record too.
"""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, Literal

import asyncpg
from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from api.connections import connected
from api.dependencies import ServicesDep
from api.errors import DATABASE_AWAY
from api.services import Services
from engine.tracked_links import CLICKS, OPENS
from runtime import metrics
from storage import tracking
from storage.database import Connection

router = APIRouter(include_in_schema=False)  # for recipients, who read no documentation

_PATIENCE_SECONDS: Final = 2.0
"""How long somebody who clicked waits for our record, behind others who clicked included."""

_IMAGE: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""One transparent pixel."""

_FRESH: Final = {"Cache-Control": "no-store"}  # else a second click, or another person's, would not come by
_METHODS: Final = ["GET", "HEAD"]
_NOT_WRITTEN: Final[tuple[type[Exception], ...]] = (*DATABASE_AWAY, asyncpg.PostgresError)

_log = logging.getLogger(__name__)


@router.api_route(CLICKS + "/{delivery}/{signature}/{target}", methods=_METHODS)
async def follow_link(request: Request, delivery: str, signature: str, target: str, services: ServicesDep) -> Response:
    """Record a click and send the person on."""
    address = services.links.clicked(delivery, signature, target) if services.links else None
    if address is None:
        return _not_ours("click")
    if request.method == "GET":
        click = partial(tracking.clicked, public_id=delivery, address=address, now=services.clock())
        await _record(services, "click", click)
    return RedirectResponse(address, 302, _FRESH)


@router.api_route(OPENS + "/{delivery}/{signature}", methods=_METHODS)
async def load_image(request: Request, delivery: str, signature: str, services: ServicesDep) -> Response:
    """Record an open and answer with the image."""
    if services.links is None or not services.links.is_open(delivery, signature):
        return _not_ours("open")
    if request.method == "GET":
        await _record(services, "open", partial(tracking.opened, public_id=delivery, now=services.clock()))
    return Response(_IMAGE, headers=_FRESH, media_type="image/gif")


def _not_ours(kind: Literal["click", "open"]) -> Response:
    metrics.tracked(kind, "refused")
    return PlainTextResponse("This link is not valid. It may have been cut off on its way to you.\n", 404, _FRESH)


async def _record(
    services: Services, kind: Literal["click", "open"], write: Callable[[Connection], Awaitable[None]]
) -> None:
    try:
        async with (
            asyncio.timeout(_PATIENCE_SECONDS),
            services.recipients,
            connected(services.pool, _PATIENCE_SECONDS) as connection,
        ):
            await write(connection)
    except _NOT_WRITTEN as error:
        _log.warning("one %s is lost, because it cannot be recorded: %r", kind, error)
        metrics.tracked(kind, "lost")
    else:
        metrics.tracked(kind, "recorded")
