"""The campaigns and segments of `examples/`, saved and started over the HTTP API as an operator would."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx

from cli import documents
from cli.client import segment
from cli.development_key import DEVELOPMENT_SECRET
from cli.documents import DocumentFile
from engine.campaigns import Campaign
from engine.errors import ConfigurationError
from engine.triggers import DateTrigger
from runtime.clock import system_clock

FOLDER: Final = Path(__file__).parents[1] / "examples"

_PATIENCE: Final = 300  # looks until a new segment has been built
_LOOK: Final = 0.1  # seconds

_TIME_TO_TELL: Final = timedelta(seconds=30)  # until everybody who has a birthday must be known


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What whoever plays with the running examples must know of them."""

    dates_at: datetime
    """When dates come round, as the clocks of the shop show it."""
    webhooks: Mapping[str, str | None]
    """Key of each campaign to the address that is called; None of those that none is."""


def soon(now: datetime) -> datetime:
    """Return a full minute that is about to come, late enough for the people to be told of before."""
    return (now + _TIME_TO_TELL + timedelta(minutes=1)).replace(second=0, microsecond=0)


async def apply(url: str, folder: Path = FOLDER) -> Running:
    """Save every segment and campaign, and start the campaigns. What is there already stays, but for one thing.

    Nobody waits until nine in the morning for a demo: campaigns with a date get the next minute as their time of day.

    Raises ConfigurationError when there are no examples, DocumentError when one has a fault, httpx.HTTPStatusError when
    the API refuses one.
    """
    found = await asyncio.to_thread(_documents, folder)
    headers = {"Authorization": f"Bearer {DEVELOPMENT_SECRET}"}
    dates_at, webhooks = system_clock(), {}
    async with httpx.AsyncClient(base_url=f"{url}/sojourn/v1/", headers=headers, timeout=30.0) as app:
        for document in found:
            path = f"{document.kind}s/{segment(document.key)}"
            data = document.data
            if isinstance(document.meaning, Campaign) and isinstance(document.meaning.trigger, DateTrigger):
                dates_at = soon(system_clock()).astimezone(_zone(document.meaning.trigger))
                data = data | {"trigger": data["trigger"] | {"at": f"{dates_at:%H:%M}"}}
            (await app.put(path, json=data)).raise_for_status()
            if document.kind == "segment":
                await _built(app, path)
            else:
                webhooks[document.key] = (await _started(app, path))["webhook_url"]
    return Running(dates_at=dates_at, webhooks=webhooks)


def _documents(folder: Path) -> list[DocumentFile]:
    if not folder.is_dir():
        raise ConfigurationError(f"There is no {folder}; the demo runs from a checkout of the repository.")
    return documents.in_order(documents.read(file) for file in documents.files([folder]))


def _zone(trigger: DateTrigger) -> ZoneInfo:
    return ZoneInfo(trigger.zone or trigger.fallback or "UTC")


async def _started(app: httpx.AsyncClient, path: str) -> dict[str, Any]:
    campaign: dict[str, Any] = (await app.get(path)).raise_for_status().json()
    if campaign["state"] not in {"starting", "running"}:
        (await app.post(f"{path}/start")).raise_for_status()
    return campaign


async def _built(app: httpx.AsyncClient, path: str) -> None:
    """A person is in a new segment once everybody who was there before has been looked at."""
    for _ in range(_PATIENCE):
        if (await app.get(path)).raise_for_status().json()["state"] == "ready":
            return
        await asyncio.sleep(_LOOK)
    raise ConfigurationError(f"{path} is still being built. Is `sojourn intake` running? See its log.")
