"""Every client library reads errors from another place of the body (api 2.3), so there is one body that suits them all.

    SojournError (engine/errors.py)       status
    ├── InputError                        400
    ├── DocumentError                     422
    ├── RenderError                       422
    ├── NotFound                          404
    ├── Conflict                          409
    ├── Unauthorized            (here)    401
    ├── Forbidden               (here)    403
    ├── TooLarge                (here)    413
    ├── UnsupportedEncoding     (here)    415
    ├── Unavailable             (here)    503, with Retry-After
    └── any other                         500

This is the only file that knows statuses of errors.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import asyncpg
import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from api.wordings import NO_JSON, fault_of
from engine.errors import (
    Conflict,
    DocumentError,
    Fault,
    InputError,
    NotFound,
    RenderError,
    SojournError,
)

DATABASE_AWAY: Final[tuple[type[Exception], ...]] = (
    OSError,  # refused, reset, and TimeoutError
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,  # the connection is closed
    asyncpg.InternalClientError,  # the connection ended between two answers
    asyncpg.OperatorInterventionError,  # shutting down, starting up
    asyncpg.InsufficientResourcesError,  # disk full, too many connections
    asyncpg.ReadOnlySQLTransactionError,  # a standby that is not promoted yet
)
"""What asyncpg raises when the record cannot be reached or written for now: asking again later can help."""


class Unauthorized(SojournError):
    """The credentials are missing or not valid."""

    code = "unauthorized"

    def __init__(self, problem: str, remedy: str, *, challenge: str) -> None:
        self.challenge = challenge
        super().__init__(problem, remedy)


class Forbidden(SojournError):
    """Whoever calls is not who may."""

    code = "forbidden"


class TooLarge(SojournError):
    """The body is larger than this endpoint takes."""

    code = "too_large"


class UnsupportedEncoding(SojournError):
    """The body is compressed in a way that is not understood here."""

    code = "unsupported_encoding"


class Unavailable(SojournError):
    """The record cannot be written right now."""

    code = "unavailable"


SEND_AGAIN: Final = "Send the request again."
"""What to do about most of what is not available."""
RETRY_AFTER: Final = "1"
"""Seconds. Some clients repeat only what carries this header (api 2.2); a restarted database is back about as soon."""

_STATUSES: Final[Mapping[type[SojournError], int]] = {
    InputError: 400,
    Unauthorized: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    UnsupportedEncoding: 415,
    DocumentError: 422,
    RenderError: 422,
    Unavailable: 503,
    SojournError: 500,
}

_CODES: Final[Mapping[int, str]] = {400: "bad_request", 404: "not_found", 405: "method_not_allowed"}

_log = logging.getLogger(__name__)

_PLACE_PART: Final = re.compile(r'\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.\[\]]+)')


def problem(
    status: int, code: str, message: str, *, faults: Sequence[Fault], headers: Mapping[str, str] | None = None
) -> Response:
    """Return the error response: the five documented shapes in one body, with the faults in detail.

    One fault alone is told in the words of the message.
    """
    texts = [message] if len(faults) == 1 else [str(fault) for fault in faults]
    details = [_detail(status, text, fault.place) for text, fault in zip(texts, faults, strict=True)]
    body = {
        "errors": details,
        "meta": {"error": message, "errors": texts},
        "code": code,
        "message": message,
        "faults": [{"place": fault.place, "problem": fault.problem, "remedy": fault.remedy} for fault in faults],
    }
    extra = dict(headers or {})
    if status == 503:
        extra["Retry-After"] = RETRY_AFTER
    if status == 413:
        extra["Connection"] = "close"  # the rest of the body is not worth reading
    return Response(orjson.dumps(body), status, extra, "application/json")


def refusal(error: SojournError) -> Response:
    """Return the response for an error of ours."""
    status = next(_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES)
    headers = {"WWW-Authenticate": error.challenge} if isinstance(error, Unauthorized) else None
    return problem(status, error.code, error.message, faults=error.faults, headers=headers)


def install(app: FastAPI) -> None:
    """Give every non-2xx answer of the app the one body, those of the framework included."""
    app.add_exception_handler(SojournError, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)
    for kind in DATABASE_AWAY:
        app.add_exception_handler(kind, _on_database_away)
    app.add_exception_handler(Exception, _on_bug)


async def _on_refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, SojournError)
    return refusal(error)


async def _on_invalid_request(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [fault_of(one) for one in error.errors()]
    status = 400 if any(one["type"] == NO_JSON for one in error.errors()) else 422
    return problem(status, InputError.code, "; ".join(map(str, faults)), faults=faults)


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    what, remedy, headers = str(error.detail), "GET /docs says what there is.", dict(error.headers or {})
    asked = f"{request.method} {request.scope['path']}"
    if error.status_code == 404:
        what, remedy = f"This release has no endpoint {asked}.", "/docs lists those it has."
    elif error.status_code == 400:
        what, remedy = "The body cannot be read.", "Send JSON encoded in UTF-8."
    elif error.status_code == 405:
        headers["Allow"] = ", ".join(_methods(request))
        what, remedy = f"There is no {asked}.", f"This path takes {headers['Allow']}."
    fault = Fault(place="", problem=what, remedy=remedy)
    code = _CODES.get(error.status_code, "http_error")
    return problem(error.status_code, code, str(fault), faults=[fault], headers=headers)


async def _on_disconnect(_: Request, __: Exception) -> Response:
    # Nobody reads it.
    return refusal(InputError("", "The connection ended before the body was complete.", "Send all of it."))


async def _on_database_away(request: Request, error: Exception) -> Response:
    _log.warning("%s %s: the database is away: %r", request.method, request.scope["path"], error)
    return refusal(Unavailable("The database is away.", SEND_AGAIN))


async def _on_bug(_: Request, __: Exception) -> Response:
    return refusal(SojournError("Something went wrong on our side.", "The log of the API process says what."))


def _methods(request: Request) -> list[str]:
    """Return the methods that some route of the app takes at the path of a request."""
    methods = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
    scopes = ((method, {**request.scope, "method": method}) for method in methods)
    routes = request.app.router.routes
    return [method for method, scope in scopes if any(route.matches(scope)[0] is Match.FULL for route in routes)]


def _detail(status: int, text: str, place: str) -> dict[str, Any]:
    detail: dict[str, Any] = {"detail": text, "status": str(status)}
    if place:
        detail["source"] = {"pointer": _pointer(place)}
    return detail


def _pointer(place: str) -> str:
    """Return a place such as `workflow[2].when` as a JSON pointer (RFC 6901)."""
    parts = ("".join(groups) for groups in _PLACE_PART.findall(place))
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)
