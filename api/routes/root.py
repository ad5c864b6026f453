"""Whoever opens the address itself, in a browser or to try whether anything is there, is told what this is."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from runtime.version import VERSION

router = APIRouter(tags=["Health"])


class Product(BaseModel):
    """What answers here, and where to go on. Addresses are paths."""

    product: str = "Sojourn"
    version: str = Field(default=VERSION, description="Of the release.")
    docs: str = "/docs"
    openapi: str = "/openapi.json"
    health: str = Field(default="/health", description="Whether the process lives.")
    ready: str = Field(default="/ready", description="Whether requests can be taken in, and how much waits.")


@router.get("/")
async def root() -> Product:
    """Say what this is; needs no key."""
    return Product()
