"""Integrations try their credentials before they use them (api 3.10)."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from api.dependencies import TrackWorkspace
from api.schemas.problem import problems

router = APIRouter(tags=["Track"], responses=problems(401, 503))


class Region(BaseModel):
    """Where the caller's workspace lives."""

    url: str = Field(description="Host and port under which this request came.")
    region: str = Field(description="Always `us`: to clients, the region whose addresses need no change.")
    environment_id: int = Field(description="The workspace.")


@router.get("/api/v1/accounts/region")
async def show_region(request: Request, workspace: TrackWorkspace) -> Region:
    """Say where the workspace of these credentials lives."""
    return Region(url=request.url.netloc, region="us", environment_id=workspace.id)


@router.get("/auth")
async def check_credentials(_: TrackWorkspace) -> Response:
    """Answer 200 if the credentials are valid."""
    return Response(b"{}", media_type="application/json")
