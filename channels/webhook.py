"""A request to somebody else's server may hang, lead elsewhere or answer anything, and must come to one plain outcome.

    2xx                                              taken
    408, 429, 5xx, no connection, no answer in 10 s  TryLater (behaviour 6.41)
    any other answer                                 Refused

Redirects are answers like any other: followed, they would carry credentials to another host.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final

import httpx
import orjson

from channels.channel import Call, HandedOver, Refused, TryLater
from channels.public_hosts import PrivateHostError, pinned

PATIENCE: Final = 10.0
"""Seconds from the beginning of a request to the end of its answer (behaviour 6.41)."""

LARGEST_ANSWER: Final = 1_000_000
"""Bytes of an answer that are read; what is larger is nothing to remember."""

_LATER: Final = frozenset({408, 429})
_LONGEST_WAIT: Final = timedelta(hours=24)
_IDLE: Final = 5.0  # seconds a connection is kept: many servers hang up then, and a dead one costs an attempt


class WebhookChannel:
    """Requests over HTTP/1.1, on connections that are used again."""

    name = "webhook"
    idempotent = False  # few receivers look at the idempotency key

    def __init__(
        self, *, deny_private: bool = False, patience: float = PATIENCE, tls_context: ssl.SSLContext | None = None
    ) -> None:
        """Connect to nothing yet.

        Args:
            deny_private: refuse hosts that are not on the public internet, whatever their names say.
            patience: seconds for the whole of a request.
            tls_context: certificates to trust; None trusts the usual ones.
        """
        self._deny_private = deny_private
        self._patience = patience
        # As many at once as the worker carries: whoever is claimed must not wait for a connection here.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=_IDLE)
        self._http = httpx.AsyncClient(
            verify=tls_context or True,
            limits=limits,
            timeout=None,  # noqa: S113 - one patience for all parts of a request, in `hand_over`
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # no answer says anything about another request
            # A proxy would resolve names itself, and find the hosts that must not be found.
            trust_env=not deny_private,
        )

    async def hand_over(self, message: Call) -> HandedOver:
        """Send the request.

        Raises:
            TryLater: it was not taken, or nobody answered; a copy of it may have arrived.
            Refused: the receiver said no, or nothing can be sent to such a URL.
        """
        try:
            async with asyncio.timeout(self._patience):
                status, headers, body = await self._exchange(message)
        except TimeoutError:
            raise TryLater(f"No answer within {self._patience:g} seconds.") from None
        except PrivateHostError as error:
            raise Refused(str(error)) from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError):
            raise Refused("The request cannot be sent: its URL or a header is malformed.") from None
        except (httpx.HTTPError, OSError) as error:
            raise TryLater(f"No connection, or it broke: {_said(error)}") from None
        if 200 <= status < 300:
            return HandedOver(status=status, answer=_parsed(body))
        reason = f"The server answered {status}{_phrase(status)}."
        if status in _LATER or status >= 500:
            raise TryLater(reason, _asked_to_wait(headers), status=status)
        raise Refused(reason, status=status)

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _exchange(self, call: Call) -> tuple[int, Mapping[str, str], bytes | None]:
        """Return status, headers and body of the answer; the body None if it is too large."""
        # No answer may come packed: what is small then could unpack to any size.
        fixed = {"Idempotency-Key": call.idempotency_key, "Accept-Encoding": "identity"}
        headers = httpx.Headers({"Accept": "*/*", "User-Agent": "Sojourn"})
        headers.update([(name.encode(), value.encode()) for name, value in {**call.headers, **fixed}.items()])
        request = httpx.Request(call.method, call.url, headers=headers, content=call.body)
        if self._deny_private:
            request = await pinned(request)
        answer = await self._http.send(request, stream=True)
        try:
            return answer.status_code, answer.headers, await _limited(answer)
        finally:
            await answer.aclose()


async def _limited(answer: httpx.Response) -> bytes | None:
    body = bytearray()
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            return None
    return bytes(body)


def _parsed(body: bytes | None) -> Any:
    """Return what the answer says, if it is JSON; else None."""
    try:
        return orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        return None


def _asked_to_wait(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long the receiver asks us to wait: `Retry-After`, in seconds or as a date; None if it does not."""
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdecimal() and len(said) < 10:
        return min(timedelta(seconds=int(said)), _LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(said)
        since = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return None
    if until.tzinfo is None or since.tzinfo is None:
        return None
    return min(max(until - since, timedelta()), _LONGEST_WAIT)


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""


def _said(error: Exception) -> str:
    """Return what went wrong, by its kind: words of the network never hold what was sent."""
    return f"{str(error).strip() or type(error).__name__}."
