"""Bodies come missing, empty, null, compressed, with any content type, and sometimes far too large (api 2.5, 2.7).

They are bounded while they are read, not after, so that no caller can fill the memory.
"""

from __future__ import annotations

import zlib
from typing import Any, Final

from fastapi import Request
from starlette.requests import ClientDisconnect

from api import json_text
from api.errors import TooLarge, UnsupportedEncoding
from engine.errors import InputError

LARGEST_BODY: Final = 1_000_000
"""Bytes, compressed and decompressed. Twice what the limits of single fields add up to."""

_HEARD_OUT: Final = 16_000_000
"""Bytes of a body that is too large which are still read, and thrown away, before the answer.

Whoever is hung up on while sending sees a broken connection in place of the reason, and sends it all again.
"""

_GZIP: Final = 16 + zlib.MAX_WBITS


async def read_object(request: Request) -> tuple[dict[str, Any], int]:
    """Return the JSON object of a request and its size in bytes; a missing, empty or null body is `{}`.

    Raises InputError for anything else than an object, TooLarge beyond LARGEST_BODY, UnsupportedEncoding.
    """
    body = await read(request)
    value = json_text.parse(body) if body and not body.isspace() else None
    if value is None:
        return {}, len(body)
    if not isinstance(value, dict):
        raise InputError("", f"The body is {_KINDS[type(value)]}.", "Send a JSON object.")
    return value, len(body)


async def read(request: Request) -> bytes:
    """Return the body of a request, decompressed."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared[:10]) > LARGEST_BODY:
        if int(declared[:10]) <= _HEARD_OUT:
            await _hear_out(request, 0)
        raise _too_large()
    body = await _received(request)
    match request.headers.get("content-encoding", "").strip().lower():
        case "" | "identity":
            return body
        case "gzip" | "x-gzip":
            return _decompressed(body)
        case encoding:
            raise UnsupportedEncoding(
                f"Bodies with Content-Encoding {encoding[:30]!r} are not understood.", "Send gzip or no encoding."
            )


async def _received(request: Request) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > LARGEST_BODY:
            if message.get("more_body", False):
                await _hear_out(request, size)
            raise _too_large()
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


async def _hear_out(request: Request, size: int) -> None:
    more = True
    while more and size <= _HEARD_OUT:
        message = await request.receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)


def _decompressed(body: bytes) -> bytes:
    gzip = zlib.decompressobj(_GZIP)
    try:
        result = gzip.decompress(body, LARGEST_BODY + 1)
    except zlib.error:
        raise InputError("", "The body is not gzip.", "Compress it, or leave Content-Encoding out.") from None
    if len(result) > LARGEST_BODY:
        raise _too_large()
    if body and (not gzip.eof or gzip.unused_data):
        raise InputError("", "The body is not one whole gzip member.", "Send one, and all of it.")
    return result


def _too_large() -> TooLarge:
    return TooLarge(f"The body is larger than {LARGEST_BODY:,} bytes.", "Send less in one request.")


_KINDS: Final = {
    list: "a list",
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
}
