"""A document is saved as it was written: `curl --data-binary @cart.yaml` works as well as JSON."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Depends, Request

from api.bodies import read, read_object
from engine import source
from engine.errors import InputError


async def _document(request: Request) -> dict[str, Any]:
    if "yaml" not in request.headers.get("content-type", "").lower():
        return (await read_object(request))[0]
    body = await read(request)
    try:
        return source.read(body.decode("utf-8-sig")).data
    except UnicodeDecodeError as error:
        raise InputError("", f"Byte {error.start} is not UTF-8.", "Send the document encoded in UTF-8.") from None


Document = Annotated[dict[str, Any], Depends(_document)]
"""The document in the body of a request: JSON, or YAML under a content type that says so. Not checked yet.

Raises InputError or DocumentError for what is neither.
"""


def document_body(schema: str) -> dict[str, Any]:
    """Return the `openapi_extra` of a route that takes a document; `schema` is the path of its JSON Schema."""
    described: Final = {"type": "object", "description": f"JSON Schema: GET {schema}"}
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": described}, "application/yaml": {"schema": described}},
        }
    }
