"""Editors complete documents while they are written: their settings, or `$schema`, point here. Needs no key."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter

from engine import schema

router = APIRouter(prefix="/sojourn/v1/schemas", tags=["Schemas"])


@router.get("/campaign.json")
async def campaign_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of campaign documents."""
    return _campaign()


@router.get("/segment.json")
async def segment_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of segment documents."""
    return _segment()


@cache
def _campaign() -> dict[str, Any]:
    return schema.campaign_schema()


@cache
def _segment() -> dict[str, Any]:
    return schema.segment_schema()
