"""Numbers for Prometheus: what this process has counted, and how late the installation is, which the record knows."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from api.connections import connected
from api.dependencies import ServicesDep
from api.errors import DATABASE_AWAY
from runtime.metrics import REGISTRY
from storage.lags import Lags, lags

router = APIRouter(tags=["Health"])

_PATIENCE_SECONDS: Final = 3.0
"""Shorter than what Prometheus waits for by default, so that our own numbers arrive even if the record is away."""

_log = logging.getLogger(__name__)


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(services: ServicesDep) -> PlainTextResponse:
    """Offer what this process has counted, and how late the whole installation is. Needs no key and tells no names."""
    now = services.clock()
    try:
        async with connected(services.pool, _PATIENCE_SECONDS) as connection:
            late = await lags(connection, now=now)
    except DATABASE_AWAY as error:
        _log.warning("metrics without the record: %r", error)
        late = None
    text = generate_latest(REGISTRY) + generate_latest(_of_the_record(late, now))
    return PlainTextResponse(text, media_type=CONTENT_TYPE_LATEST)


def _of_the_record(late: Lags | None, now: datetime) -> CollectorRegistry:
    registry = CollectorRegistry()
    Gauge("sojourn_record_reachable", "Whether the record answers.", registry=registry).set(late is not None)
    if late is None:
        return registry

    def age(since: datetime | None) -> float:
        return max(0.0, (now - since).total_seconds()) if since else 0.0

    Gauge("sojourn_inbox_lag_seconds", "Age of the oldest input that is not applied.", registry=registry).set(
        age(late.inbox)
    )
    Gauge("sojourn_outbox_lag_seconds", "Age of the oldest message that Temporal lacks.", registry=registry).set(
        age(late.outbox)
    )
    due = Gauge("sojourn_due_late_seconds", "How long ago the oldest was due.", ["kind"], registry=registry)
    for kind in ("segments", "filters", "dates", "reentries", "journeys"):
        due.labels(kind).set(age(getattr(late, kind)))
    return registry
