"""All routes of the app, in the order in which the documentation shows them."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from api.routes import (
    campaigns,
    deliveries,
    events,
    facebook,
    forms,
    health,
    journeys,
    metrics,
    people,
    root,
    schemas,
    segments,
    suppressed_addresses,
    track_credentials,
    track_devices,
    track_events,
    track_forms,
    track_merging,
    track_people,
    track_segments,
    tracking,
    webhooks,
    why,
)

ROUTERS: Final[tuple[APIRouter, ...]] = (
    track_people.router,
    track_devices.router,
    track_events.router,
    track_merging.router,
    track_segments.router,
    track_forms.router,
    track_credentials.router,
    campaigns.router,
    why.router,
    segments.router,
    people.router,
    events.router,
    forms.router,
    journeys.router,
    deliveries.router,
    suppressed_addresses.router,
    webhooks.router,
    facebook.router,
    tracking.router,
    schemas.router,
    root.router,
    health.router,
    metrics.router,
)
