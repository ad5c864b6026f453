"""Every call of the Track API ends the same way: one input in the inbox, `200 {}` once it is committed (api 2.2)."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from api.dependencies import services_of
from api.keyring import Workspace
from storage.inbox import Input


async def accept(request: Request, workspace: Workspace, kind: str, payload: dict[str, Any], size: int = 0) -> Response:
    """Commit an input and return the answer. `size` is that of the request's body, in bytes.

    Raises Unavailable when the input is not certain to be kept.
    """
    services = services_of(request)
    item = Input(workspace_id=workspace.id, kind=kind, payload=payload, received_at=services.clock())
    await services.writer.write(item, size)
    return Response(b"{}", media_type="application/json")
