"""The management commands speak to the HTTP API, so they work from any machine and can do nothing that the API cannot.

Which API: SOJOURN_API_URL, else the one that `sojourn dev` runs in this folder, else http://127.0.0.1:8000.
The key: SOJOURN_APP_KEY, else the well-known one of `sojourn dev`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from api.schemas.lists import Listing
from cli.development_key import DEVELOPMENT_SECRET
from cli.folder import DEFAULT, DataFolder
from engine.errors import ConfigurationError, Conflict, DocumentError, Fault, NotFound, SojournError

API_URL: Final = "SOJOURN_API_URL"
APP_KEY: Final = "SOJOURN_APP_KEY"

_PATIENCE_SECONDS: Final = 30.0
_PAGE: Final = 200

Shape = TypeVar("Shape", bound=BaseModel)

Query = str | int | None


class Client:
    """One conversation with the API. Errors of the API are raised as ours, with its words.

    with Client() as client:
        campaign = client.get("campaigns/welcome", CampaignOut)
    """

    def __init__(self, transport: httpx.BaseTransport | None = None) -> None:
        self._url = os.environ.get(API_URL) or _of_this_folder()
        self._http = httpx.Client(
            base_url=f"{self._url.rstrip('/')}/sojourn/v1/",
            headers={"Authorization": f"Bearer {os.environ.get(APP_KEY) or DEVELOPMENT_SECRET}"},
            timeout=_PATIENCE_SECONDS,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, path: str, shape: type[Shape], **query: Query) -> Shape:
        """Read one thing. `path` is relative to /sojourn/v1; see `segment` for identifiers in it."""
        asked = {name: value for name, value in query.items() if value is not None}
        return self._read(shape, self._send("GET", path, params=asked))

    def items(self, path: str, shape: type[Shape], *, most: int, **query: Query) -> Iterator[Shape]:
        """Read a list, page by page, and stop after `most` items."""
        cursor: str | None = None
        while most > 0:
            page = self.get(path, Listing[shape], cursor=cursor, limit=min(most, _PAGE), **query)  # type: ignore[valid-type]  # a model made at run time
            yield from page.items[:most]
            most -= len(page.items)
            cursor = page.next
            if cursor is None:
                return

    def put(self, path: str, shape: type[Shape], body: Mapping[str, Any]) -> Shape:
        """Save something."""
        return self._read(shape, self._send("PUT", path, json=body))

    def post(self, path: str, shape: type[Shape], body: Mapping[str, Any] | None = None) -> Shape:
        """Do something."""
        return self._read(shape, self._send("POST", path, json=body))

    def delete(self, path: str) -> None:
        """Take something away."""
        self._send("DELETE", path)

    def clear(self, path: str, shape: type[Shape]) -> Shape:
        """Take away all that a list holds; return what came of it."""
        return self._read(shape, self._send("DELETE", path))

    def _read(self, shape: type[Shape], answer: object) -> Shape:
        try:
            return shape.model_validate(answer)
        except ValidationError as error:
            wrong = f"{error.error_count()} values of the answer of {self._url} are not those of this release."
            raise SojournError(wrong, "Use the command line of the release that runs there.") from None

    def _send(self, method: str, path: str, **arguments: Any) -> Any:
        try:
            response = self._http.request(method, path, **arguments)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise ConfigurationError(f"{API_URL} is {self._url!r}, which is no address of an API: {error}.") from None
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise ConfigurationError(
                f"No API answers at {self._url} ({reason}). Start one with `sojourn dev`, or set {API_URL}."
            ) from None
        if response.is_success:
            return response.json() if response.content else None
        raise self._refusal(response)

    def _refusal(self, response: httpx.Response) -> SojournError:
        if response.status_code == httpx.codes.UNAUTHORIZED:
            return ConfigurationError(
                f"The API at {self._url} does not take this key. Set {APP_KEY} to one from `sojourn keys create app`."
            )
        try:
            body = response.json()
            faults = [Fault(**fault) for fault in body["faults"]]
        except (ValueError, KeyError, TypeError):
            faults = []
        if not faults:
            said = f"{response.status_code} {response.reason_phrase}"
            return SojournError(f"{self._url} answered {said}, and not as Sojourn's API does. Is {API_URL} right?")
        kind = _ERRORS.get(response.status_code)
        return DocumentError(faults) if kind is None else kind(faults[0].problem, faults[0].remedy)


_ERRORS: Final[Mapping[int, type[SojournError]]] = {
    404: NotFound,
    409: Conflict,
    500: SojournError,
    503: SojournError,
}
"""Status to the error that says one thing; any other lists what is wrong with what was sent."""


def segment(identifier: str) -> str:
    """Return an identifier as one segment of a path, whatever characters it has."""
    return quote(identifier, safe="")


def _of_this_folder() -> str:
    written = DataFolder(DEFAULT).environment
    told = json.loads(written.read_text(encoding="utf-8")) if written.exists() else {}
    return f"http://{told.get('SOJOURN_HOST', '127.0.0.1')}:{told.get('SOJOURN_PORT', '8000')}"
