"""A webhook carries passwords and tokens in its URL and headers, which its receiver must see and nobody else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from engine.conditions import MISSING
from engine.conditions.paths import parse_path, read

MASK: Final = "***"
DEPTH_HEADER: Final = "Sojourn-Depth"
"""Says how many campaigns a request came through: one that calls a webhook of ours may be a loop (behaviour 6.50)."""

_HARMLESS: Final = frozenset({"accept", "accept-language", "content-type", DEPTH_HEADER.lower(), "user-agent"})
"""Headers that never hold a secret; any other may."""
_SECRET: Final = re.compile(r"auth|key|pass|secret|sig|token", re.IGNORECASE)
"""What the name of a query parameter has in it whose value is not shown."""
_UNSENDABLE: Final = re.compile(r"[\x00-\x20\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookContent:
    """One rendered request."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    idempotency_key: str
    """The same at every attempt, so that a receiver can tell a second copy."""
    save: Mapping[str, str] = field(default_factory=dict)
    """Attribute to the path of its value in the answer (behaviour 6.40)."""

    @property
    def recipient(self) -> str:
        """Host and path: without credentials, and without the query, which often has some."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{_host(parts)}{parts.path}"

    @property
    def subject(self) -> str | None:
        """The method."""
        return self.method

    @property
    def address(self) -> str | None:
        """A webhook goes to no email address."""
        return None


def fault_of(url: str) -> str | None:
    """Return what is wrong with a URL; None if a request can be sent to it."""
    if _UNSENDABLE.search(url):
        return "It has a space or a control character in it."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return f"{str(error)[:1].upper()}{str(error)[1:]}."
    if parts.scheme not in ("http", "https"):
        return "It does not begin with https:// or http://."
    return "It names no host." if not parts.hostname or port == 0 else None


def masked(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stored form of a request as it may be shown: without credentials, tokens and secrets."""
    headers = {name: value if name.lower() in _HARMLESS else MASK for name, value in content.get("headers", {}).items()}
    return {**content, "url": _masked_url(content["url"]), "headers": headers}


def values_in(answer: object, save: Mapping[str, str]) -> dict[str, Any]:
    """Return attribute to value, of those that the answer has; null is no value."""
    found = {name: _value(answer, path) for name, path in save.items()}
    return {name: value for name, value in found.items() if value is not None}


def _value(answer: object, path: str) -> Any:
    parsed = parse_path(path, "", [])
    value = MISSING if parsed is None else read(parsed.steps, answer)
    return None if value is MISSING else value


def _masked_url(url: str) -> str:
    parts = urlsplit(url)
    credentials = f"{MASK}@" if "@" in parts.netloc else ""
    shown = f"{parts.scheme}://{credentials}{_host(parts)}{parts.path}"
    query = [
        (name, MASK if _SECRET.search(name) else value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    return f"{shown}?{urlencode(query, safe='*')}" if query else shown


def _host(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]
