"""The id `a/b` arrives as `a%2Fb`, and frameworks route on the decoded path.

The request fails, or worse, reaches another endpoint of another person (api 2.4). So paths are split into segments here
before anything is decoded.
"""

from __future__ import annotations

import re
from typing import Annotated, Final
from urllib.parse import unquote_to_bytes

from pydantic import AfterValidator, WithJsonSchema
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import refusal
from engine.errors import InputError

_BROKEN_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class RawPaths:
    """Lets the app route on the path as it was sent.

    The path that the router sees is decoded, except that a slash or percent sign inside a segment stays an escape:
    routes match the segments that the client meant. Escapes that are broken or not UTF-8 are refused with 400.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        raw = scope.get("raw_path", b"") if scope["type"] == "http" else b""
        if b"%" in raw:
            try:
                scope = {**scope, "path": _routable(raw)}
            except InputError as error:
                return await refusal(error)(scope, receive, send)
        return await self._app(scope, receive, send)


def decoded(segment: str) -> str:
    """Return a segment of the path that the router saw as the client meant it."""
    return segment.replace("%2F", "/").replace("%25", "%") if "%" in segment else segment


Segment = Annotated[str, AfterValidator(decoded), WithJsonSchema({"type": "string"})]
"""The type of a path parameter whose value may hold a slash or a percent sign, such as a person's identifier."""


def _routable(raw: bytes) -> str:
    if _BROKEN_ESCAPE.search(raw):
        raise InputError("path", "The path has a percent sign that starts no escape.", "Send a percent sign as %25.")
    segments = [unquote_to_bytes(segment) for segment in raw.split(b"/")]
    path = b"/".join(segment.replace(b"%", b"%25").replace(b"/", b"%2F") for segment in segments)
    try:
        return path.decode()
    except UnicodeDecodeError:
        raise InputError("path", "The path is not UTF-8.", "Percent-encode the UTF-8 bytes of identifiers.") from None
