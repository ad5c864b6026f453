"""One app serves every HTTP surface under one origin, since some clients lose path prefixes (api 1, 9)."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api import errors
from api.raw_paths import RawPaths
from api.routes import ROUTERS
from api.services import Services

_DESCRIPTION: Final = """\
Campaigns as durable journeys.

**Track** takes people and events, as Customer.io's client libraries send them: Basic `site_id:api_key`.
**Everything else** is Sojourn's own: Bearer app key. A 200 of Track means that the input is committed.
"""


def create_app(services: Services) -> FastAPI:
    """Build the app. It never redirects: clients drop their credentials on the way (api 2.7)."""
    app = FastAPI(
        title="Sojourn",
        version="1",
        description=_DESCRIPTION,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
    )
    app.state.services = services
    app.add_middleware(RawPaths)
    errors.install(app)
    for router in ROUTERS:
        app.include_router(router)
    return app


def _operation_id(route: APIRoute) -> str:
    """Name operations after their functions, so that generated clients read well."""
    return route.name
