"""The campaigns and segments of `examples/`, saved and started over the HTTP API as an operator would."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

import httpx

from cli import documents
from cli.client import segment
from cli.documents import DocumentFile
from cli.stack import DEVELOPMENT_SECRET
from engine.errors import ConfigurationError

FOLDER: Final = Path(__file__).parents[1] / "examples"

_PATIENCE: Final = 300  # looks until a new segment has been built
_LOOK: Final = 0.1  # seconds


async def apply(url: str, folder: Path = FOLDER) -> None:
    """Save every segment and campaign, and start the campaigns. Changes nothing where they are there already.

    Raises ConfigurationError when there are no examples, DocumentError when one has a fault, httpx.HTTPStatusError when
    the API refuses one.
    """
    found = await asyncio.to_thread(_documents, folder)
    headers = {"Authorization": f"Bearer {DEVELOPMENT_SECRET}"}
    async with httpx.AsyncClient(base_url=f"{url}/sojourn/v1/", headers=headers, timeout=30.0) as app:
        for document in found:
            path = f"{document.kind}s/{segment(document.key)}"
            (await app.put(path, json=document.data)).raise_for_status()
            if document.kind == "segment":
                await _built(app, path)
            else:
                await _start(app, path)


def _documents(folder: Path) -> list[DocumentFile]:
    if not folder.is_dir():
        raise ConfigurationError(f"There is no {folder}; the demo runs from a checkout of the repository.")
    return documents.in_order(documents.read(file) for file in documents.files([folder]))


async def _start(app: httpx.AsyncClient, path: str) -> None:
    if (await app.get(path)).raise_for_status().json()["state"] not in {"starting", "running"}:
        (await app.post(f"{path}/start")).raise_for_status()


async def _built(app: httpx.AsyncClient, path: str) -> None:
    """A person is in a new segment once everybody who was there before has been looked at."""
    for _ in range(_PATIENCE):
        if (await app.get(path)).raise_for_status().json()["state"] == "ready":
            return
        await asyncio.sleep(_LOOK)
    raise ConfigurationError(f"{path} is still being built. Is `sojourn intake` running? See its log.")
