"""A campaign may begin with data instead of a person: whoever knows its address posts any JSON to it (behaviour 1.90).

The address is the key, so there is no other one here.
"""

from __future__ import annotations

import logging
import re
from datetime import datetime
from typing import Final

from fastapi import APIRouter, Request, Response

from api import json_text
from api.bodies import read
from api.dependencies import ACQUIRE_SECONDS, ServicesDep
from api.raw_paths import Segment
from api.schemas.problem import problems
from engine import entry, ids
from engine.errors import NotFound
from engine.steps.webhook_content import DEPTH_HEADER
from storage import campaigns, entries, events
from storage.campaigns import CalledCampaign
from storage.database import Connection
from storage.entries import Refusal
from storage.inbox import Input

router = APIRouter(prefix="/webhooks", tags=["Webhooks"], responses=problems(400, 404, 413, 415, 503))

_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}}

_DEPTH: Final = re.compile(r"[0-9]{1,4}")

_log = logging.getLogger(__name__)


@router.post("/{token}", openapi_extra=_BODY, responses={202: {"description": "The campaign is not running: ignored."}})
async def call_webhook(request: Request, token: Segment, services: ServicesDep) -> Response:
    """Start a journey of the campaign with this address; the body is its `trigger`. A 200 means committed."""
    body = await read(request)
    async with services.pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
        campaign = None if "\0" in token else await campaigns.called_by(connection, token)
        if campaign is None:
            raise NotFound("There is no such webhook.", "`sojourn campaigns show` has the address.", place="token")
        data = json_text.parse(body)
        now = services.clock()
        if campaign.state not in ("starting", "running"):
            await _ignore(connection, campaign, now=now)
            return Response(b"{}", 202, media_type="application/json")
    payload = {"campaign": campaign.id, "data": data, "depth": _depth(request.headers.get(DEPTH_HEADER, ""))}
    item = Input(campaign.workspace_id, "webhook", payload, now)
    await services.writer.write(item, len(body))
    return Response(b"{}", media_type="application/json")


def _depth(said: str) -> int:
    """Return how many campaigns a call came through, if a webhook block of ours sent it.

    Nobody has to be believed: whoever knows the address could call it with no depth at all.
    """
    return int(said) if _DEPTH.fullmatch(said) else 0


async def _ignore(connection: Connection, campaign: CalledCampaign, *, now: datetime) -> None:
    """Remember a call that comes while the campaign is not running (behaviour 1.98)."""
    [call] = await events.reserve_ids(connection, 1)
    refusal = Refusal(
        campaign_id=campaign.id,
        person_id=0,
        occurrence=ids.call_occurrence(call),
        at=now,
        reason=entry.Refusal.CAMPAIGN_NOT_RUNNING,
        seen={"state": campaign.state},
    )
    await entries.refuse(connection, campaign.workspace_id, [refusal])
    _log.info("ignored a call of the campaign %s, which is %s", campaign.key, campaign.state)
