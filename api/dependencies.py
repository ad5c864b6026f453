"""What routes ask for by type: who calls, a connection to the record, the time.

    async def show(key: str, workspace: AppWorkspace, connection: ConnectionDep) -> Campaign: ...

A path parameter that can hold any character (a person's identifier) has the type `Segment` of `api/raw_paths.py`.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Annotated, Final, cast

from fastapi import Depends, Request, Security
from fastapi.openapi.models import HTTPBase
from fastapi.security.base import SecurityBase

from api.errors import DATABASE_AWAY, SEND_AGAIN, Unauthorized, Unavailable
from api.keyring import Workspace
from api.services import Services
from runtime.clock import Clock
from storage.database import Connection
from storage.keys import Surface

ACQUIRE_SECONDS: Final = 5.0
"""How long a request waits for a connection before it says that the database is away."""

_log = logging.getLogger(__name__)


def services_of(request: Request) -> Services:
    """Return the services of the app that handles a request."""
    return cast("Services", request.app.state.services)


class Key(SecurityBase):
    """Finds the workspace that the caller's key opens."""

    def __init__(self, surface: Surface, *, scheme: str, challenge: str, hint: str) -> None:
        self.model = HTTPBase(scheme=scheme, description=hint)
        self.scheme_name = f"{surface}_key"
        self._surface = surface
        self._challenge = challenge
        self._hint = hint

    async def __call__(self, request: Request) -> Workspace:
        """Return the workspace. Raises Unauthorized if the key opens none, Unavailable if nobody can say."""
        header = request.headers.get("authorization")
        workspace = None
        if header is not None:
            try:
                workspace = await services_of(request).keyring.workspace(self._surface, header)
            except DATABASE_AWAY as error:
                _log.warning("a key cannot be checked: %r", error)
                raise Unavailable("The credentials cannot be checked right now.", SEND_AGAIN) from error
        if workspace is None:
            raise Unauthorized("The credentials are missing or not valid.", self._hint, challenge=self._challenge)
        return workspace


async def _connection(request: Request) -> AsyncIterator[Connection]:
    async with services_of(request).pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
        yield connection


async def _services(request: Request) -> Services:
    return services_of(request)


async def _clock(request: Request) -> Clock:
    return services_of(request).clock


TrackWorkspace = Annotated[
    Workspace,
    Security(
        Key(
            "track",
            scheme="basic",
            challenge='Basic realm="Sojourn Track API", charset="UTF-8"',
            hint="Send Basic site_id:api_key, or a Track API key as Bearer.",
        )
    ),
]
"""The workspace of a caller of the Track API."""

AppWorkspace = Annotated[
    Workspace,
    Security(
        Key("app", scheme="bearer", challenge='Bearer realm="Sojourn API"', hint="Send an app API key as Bearer.")
    ),
]
"""The workspace of a caller of the management API."""

ConnectionDep = Annotated[Connection, Depends(_connection)]
"""A connection to the record, without a transaction: whoever writes opens one."""

ClockDep = Annotated[Clock, Depends(_clock)]
"""The clock of the process; `clock()` is the present instant."""

ServicesDep = Annotated[Services, Depends(_services)]
"""Everything else."""
