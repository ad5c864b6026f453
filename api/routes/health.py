"""Load balancers and operators ask, without a key, whether the process lives and whether it can do its work."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.connections import connected
from api.dependencies import ServicesDep
from api.errors import DATABASE_AWAY, Unavailable
from api.schemas.problem import problems
from engine.errors import ConfigurationError
from storage import inbox, outbox
from storage.migrations import pending

router = APIRouter(tags=["Health"])

_PATIENCE_SECONDS: Final = 3.0
"""Shorter than what load balancers wait for by default."""


_log = logging.getLogger(__name__)


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Backlog(BaseModel):
    """What is kept and waits to be worked on."""

    waiting: int
    oldest_seconds: float = Field(description="Age of the oldest; 0 if nothing waits.")


class Readiness(BaseModel):
    """The record is reachable and has the shape that this release expects."""

    status: Literal["ready"] = "ready"
    inbox: Backlog = Field(description="Taken in, not applied yet.")
    outbox: Backlog = Field(description="Decided, not told to Temporal yet.")


@router.get("/health")
async def health() -> Health:
    """Answer while the process lives; asks nothing else."""
    return Health()


@router.get("/ready", responses=problems(503))
async def ready(services: ServicesDep) -> Readiness:
    """Say whether requests can be taken in, and how much waits."""
    now = services.clock()
    try:
        async with connected(services.pool, _PATIENCE_SECONDS) as connection:
            unapplied = await pending(connection)
            if unapplied:
                names = ", ".join(migration.name for migration in unapplied)
                raise Unavailable(f"The database lacks the migrations {names}.", "Run `sojourn migrate`.")
            inputs, messages = await inbox.backlog(connection), await outbox.backlog(connection)
    except ConfigurationError as error:
        raise Unavailable(f"The database cannot be used: {error}") from error
    except DATABASE_AWAY as error:
        # Anybody may ask, and a driver's text tells hosts, users and names.
        _log.warning("not ready: %r", error)
        raise Unavailable(
            "The database does not answer, or cannot be used now.", "This process's log says why."
        ) from error
    return Readiness(inbox=_backlog(*inputs, now), outbox=_backlog(*messages, now))


def _backlog(waiting: int, oldest: datetime | None, now: datetime) -> Backlog:
    age = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    return Backlog(waiting=waiting, oldest_seconds=age)
