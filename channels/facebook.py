"""Facebook's webhook names leads and does not say what is in them: that is asked of its Graph API, one by one (1.87).

Whatever goes wrong may be mended by somebody (a token, a permission, a rate limit), so all of it is tried again.
"""

from __future__ import annotations

import hashlib
import hmac
from types import TracebackType
from typing import Any, Final, Self

import httpx

from channels.channel import TryLater

_PATIENCE: Final = 20.0  # seconds for one answer


class Graph:
    """Facebook's Graph API, as far as leads go.

    async with Graph(url, token, secret) as graph:
        fields = await graph.lead("1234567890")
    """

    def __init__(self, url: str, access_token: str, app_secret: str) -> None:
        """Connect to nothing yet.

        Args:
            url: address with version, e.g. `https://graph.facebook.com/v24.0`.
            access_token: of the page, with the permission `leads_retrieval`.
            app_secret: proves that the token is used by its owner, which apps can be told to insist on.
        """
        proof = hmac.new(app_secret.encode(), access_token.encode(), hashlib.sha256).hexdigest()
        self._http = httpx.AsyncClient(
            base_url=f"{url.rstrip('/')}/",
            params={"access_token": access_token, "appsecret_proof": proof},
            timeout=_PATIENCE,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def lead(self, lead_id: str) -> dict[str, str]:
        """Return the fields of a lead, name to text; several answers to one question are joined by commas.

        Raises TryLater, with Facebook's own words where it gave some.
        """
        if not lead_id.isascii() or not lead_id.isdecimal():
            raise TryLater(f"{lead_id[:40]!r} is no id of a lead.")
        try:
            answer = await self._http.get(lead_id, params={"fields": "field_data"})
            said = answer.json()
        except httpx.HTTPError as error:
            raise TryLater(f"Facebook cannot be reached: {str(error) or type(error).__name__}.") from None
        except ValueError:
            raise TryLater(f"Facebook answered {answer.status_code}, and no JSON.") from None
        if not answer.is_success:
            raise TryLater(_refusal(answer.status_code, said))
        return _fields(said)


def _refusal(status: int, said: Any) -> str:
    error = said.get("error") if isinstance(said, dict) else None
    if not isinstance(error, dict):
        return f"Facebook answered {status}."
    code = f", code {error['code']}" if "code" in error else ""
    return f"Facebook answered {status}{code}: {str(error.get('message', ''))[:500]}"


def _fields(said: Any) -> dict[str, str]:
    answers = said.get("field_data") if isinstance(said, dict) else None
    if not isinstance(answers, list):
        raise TryLater("Facebook's answer has no field_data.")
    fields = {}
    for one in answers:
        if not isinstance(one, dict) or not isinstance(one.get("name"), str) or not isinstance(one.get("values"), list):
            raise TryLater("Facebook's field_data does not have the form that we know.")
        fields[one["name"]] = ", ".join(str(value) for value in one["values"])
    return fields
