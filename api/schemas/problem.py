"""The shape of every answer that is not a success; `api/errors.py` fills it in."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class Source(BaseModel):
    """Where in the request the fault is."""

    pointer: str = Field(description="JSON pointer (RFC 6901).")


class Detail(BaseModel):
    """One error, as clients of the App API read it."""

    detail: str
    status: str = Field(description="The HTTP status, as text.")
    source: Source | None = None


class Meta(BaseModel):
    """The errors, as clients of the Track API read them."""

    error: str
    errors: list[str]


class FaultDetail(BaseModel):
    """One thing wrong: where, what, and what would be right."""

    place: str
    problem: str
    remedy: str


class Problem(BaseModel):
    """One body for all clients: each finds the text where it looks for it."""

    errors: list[Detail]
    meta: Meta
    code: str = Field(description="Stable and meant for programs, e.g. `invalid_input`.")
    message: str = Field(description="For a person.")
    faults: list[FaultDetail]


_DESCRIPTIONS = {
    400: "The request cannot be taken as it is; the faults say what and where.",
    401: "The credentials are missing or not valid.",
    403: "Whoever calls is not who may.",
    404: "There is no such thing.",
    409: "The present state does not allow this; the message says what to do instead.",
    413: "The body is too large.",
    415: "The body is compressed in an unknown way.",
    422: "The request or the document has faults.",
    503: "Nothing was promised. Send the request again after `Retry-After` seconds.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a router or route that can answer with these statuses."""
    return {status: {"model": Problem, "description": _DESCRIPTIONS[status]} for status in statuses}
