"""All routes of the app, in the order in which the documentation shows them."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from api.routes import (
    campaigns,
    deliveries,
    health,
    journeys,
    people,
    schemas,
    segments,
    track_credentials,
    track_devices,
    track_events,
    track_people,
)

ROUTERS: Final[tuple[APIRouter, ...]] = (
    track_people.router,
    track_devices.router,
    track_events.router,
    track_credentials.router,
    campaigns.router,
    segments.router,
    people.router,
    journeys.router,
    deliveries.router,
    schemas.router,
    health.router,
)
