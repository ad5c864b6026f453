"""Facebook Lead Ads announces leads by a webhook, and wants an answer at once; what they say is fetched later (1.87).

Nobody has a key here: who calls is told by the signature, which is checked over the body as it came.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from api import json_text
from api.bodies import read
from api.dependencies import ACQUIRE_SECONDS, ServicesDep
from api.errors import Forbidden
from api.raw_paths import Segment
from api.schemas.problem import problems
from api.services import Facebook, Services
from engine.errors import InputError, NotFound
from engine.instants import parse_instant
from storage import keys, leads
from storage.database import Connection
from storage.leads import Announced

router = APIRouter(prefix="/facebook/leads", tags=["Facebook"], responses=problems(403, 404, 503))

_LONGEST_ID: Final = 100


@router.get("/{workspace}", response_class=Response, responses=problems(422))
async def verify_webhook(
    workspace: Segment,
    services: ServicesDep,
    token: Annotated[str, Query(alias="hub.verify_token")] = "",
    challenge: Annotated[str, Query(alias="hub.challenge")] = "",
) -> Response:
    """Answer the handshake with which Facebook checks the address of a webhook: `workspace` is its name."""
    facebook = _connected(services)
    if not hmac.compare_digest(token.encode(), facebook.verify_token.encode()):
        raise Forbidden("The verify token is not the one that is set here.", "Give Facebook that one.")
    async with services.pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
        await _workspace(connection, workspace)
    return Response(challenge, media_type="text/plain")


@router.post("/{workspace}", responses=problems(400, 413, 415))
async def announce_leads(request: Request, workspace: Segment, services: ServicesDep) -> Response:
    """Take in which leads there are. A 200 means that they are committed, to be fetched."""
    facebook = _connected(services)
    body = await read(request)
    signed = hmac.new(facebook.app_secret.encode(), body, hashlib.sha256).hexdigest()
    given = request.headers.get("x-hub-signature-256", "")
    if not hmac.compare_digest(given.encode(), f"sha256={signed}".encode()):
        raise Forbidden(
            "The signature is not that of the app whose secret is set here.", "Set the secret of the app that calls."
        )
    now = services.clock()
    announced = sorted(_announced(json_text.parse(body), now=now).values())
    async with services.pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
        workspace_id = await _workspace(connection, workspace)
        if announced:
            await leads.add(connection, workspace_id, announced, now=now)
    return Response(b"{}", media_type="application/json")


def _connected(services: Services) -> Facebook:
    if services.facebook is None:
        raise NotFound("Facebook is not set up here.", "docs/settings.md says how.")
    return services.facebook


async def _workspace(connection: Connection, name: str) -> int:
    workspace_id = None if "\0" in name else await keys.workspace_named(connection, name)
    if workspace_id is None:
        raise NotFound("There is no such workspace.", "`sojourn keys create` makes one.", place="workspace")
    return workspace_id


def _announced(body: Any, *, now: datetime) -> dict[str, Announced]:
    """Return the leads that a body announces, by their ids; what is about anything else is passed over."""
    try:
        values = [
            change["value"]
            for entry in body["entry"]
            for change in entry.get("changes", ())
            if change.get("field") == "leadgen"
        ]
        found = [
            Announced(
                str(value["leadgen_id"]), str(value["form_id"]), _submitted_at(value.get("created_time"), now=now)
            )
            for value in values
        ]
    except (TypeError, KeyError, AttributeError):
        raise InputError(
            "", "This is no webhook of Lead Ads.", "Send entries with changes, as Facebook does."
        ) from None
    if any(not 0 < len(part) <= _LONGEST_ID for one in found for part in (one.lead_id, one.form_id)):
        raise InputError("", "This is no id of a lead or form.", "Send the numbers that Facebook gives.")
    return {one.lead_id: one for one in found}


def _submitted_at(value: object, *, now: datetime) -> datetime | None:
    """Read when a form was submitted, by a clock that may be ahead of ours; None if that is not said."""
    instant = parse_instant(value)
    return None if instant is None else min(instant, now)
