from __future__ import annotations

import asyncio
import base64

import httpx
import pytest

from api.keyring import REMEMBERED_SECONDS, Credentials, Keyring, Workspace, credentials
from storage import keys
from storage.database import Pool
from tests.api.conftest import NOW

AUTH = "/auth"


def basic(text: str, *, url_safe: bool = False, padded: bool = True) -> str:
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    value = encode(text.encode()).decode()
    return f"Basic {value if padded else value.rstrip('=')}"


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("header", "read"),
    [
        (basic("site:key"), Credentials("site", "key")),
        (basic("site:k:e:y"), Credentials("site", "k:e:y")),
        (basic("s?>~:k?>~"), Credentials("s?>~", "k?>~")),
        (basic("s?>~:k?>~", url_safe=True), Credentials("s?>~", "k?>~")),
        (basic("site:keys", padded=False), Credentials("site", "keys")),
        ("basic   " + basic("site:key").removeprefix("Basic "), Credentials("site", "key")),
        (basic("site:"), Credentials("site", "")),
        (basic("sité:kéy"), Credentials("sité", "kéy")),
        ("Bearer sk_eu_1", Credentials(None, "sk_eu_1")),
        ("bearer sk", Credentials(None, "sk")),
        (basic("no colon"), None),
        ("Basic", None),
        ("Basic %%%", None),
        ("Basic /////w==", None),
        ("Bearer", None),
        ("Bearer ", None),
        ("Digest x", None),
        ("", None),
    ],
)
def test_a_header_is_read_in_both_alphabets(header: str, read: Credentials | None) -> None:
    assert read == credentials(header)


@pytest.mark.parametrize("header", [basic("site:key"), basic("site:key", url_safe=True), "Bearer key"])
async def test_a_track_key_opens_the_track_api(track: httpx.AsyncClient, header: str) -> None:
    response = await track.get(AUTH, auth=None, headers={"authorization": header})

    assert (200, {}) == (response.status_code, response.json())


@pytest.mark.parametrize(
    "header",
    [
        None,
        basic("site:wrong"),
        basic("other:key"),
        basic("site:"),
        basic("si\0te:key"),
        "Bearer app-key",
        "Basic é",
        "x",
    ],
)
async def test_anything_else_is_challenged(track: httpx.AsyncClient, header: str | None) -> None:
    headers = {} if header is None else {b"authorization": header.encode("latin-1")}
    request = httpx.Request("GET", "http://sojourn/auth", headers=headers)

    response = await track.send(request, auth=None)

    assert 401 == response.status_code
    assert response.headers["www-authenticate"].startswith("Basic realm=")
    assert "unauthorized" == response.json()["code"]


async def test_a_revoked_key_stops_working_within_ten_seconds(pool: Pool, workspace: int) -> None:
    seconds = Seconds()
    keyring = Keyring(pool, clock=seconds)
    assert Workspace(workspace) == await keyring.workspace("track", basic("site:key"))
    async with pool.acquire() as connection:
        await keys.revoke(connection, "track", "key", site_id="site", now=NOW)

    seconds.now = REMEMBERED_SECONDS - 0.01
    remembered = await keyring.workspace("track", basic("site:key"))
    seconds.now = REMEMBERED_SECONDS
    asked_again = await keyring.workspace("track", basic("site:key"))

    assert (Workspace(workspace), None) == (remembered, asked_again)


async def test_a_new_key_works_within_ten_seconds_of_a_vain_try(pool: Pool, workspace: int) -> None:
    seconds = Seconds()
    keyring = Keyring(pool, clock=seconds)
    assert await keyring.workspace("track", basic("site:second")) is None
    async with pool.acquire() as connection:
        await keys.add(connection, workspace, "track", "second", site_id="site", now=NOW)

    seconds.now = REMEMBERED_SECONDS

    assert Workspace(workspace) == await keyring.workspace("track", basic("site:second"))
    assert Workspace(workspace) == await keyring.workspace("track", basic("site:key"))


async def test_a_key_of_one_surface_opens_no_other(pool: Pool, workspace: int) -> None:
    keyring = Keyring(pool)

    assert Workspace(workspace) == await keyring.workspace("app", "Bearer app-key")
    assert await keyring.workspace("track", "Bearer app-key") is None
    assert await keyring.workspace("app", "Bearer key") is None


async def test_many_callers_ask_the_database_once(pool: Pool, workspace: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    workspace_of = keys.workspace_of

    async def counted(*arguments: object) -> int | None:
        nonlocal asked
        asked += 1
        return await workspace_of(*arguments)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(keys, "workspace_of", counted)
    keyring = Keyring(pool)

    found = await asyncio.gather(*(keyring.workspace("track", basic("site:key")) for _ in range(20)))

    assert [Workspace(workspace)] * 20 == found
    assert 1 == asked


async def test_a_caller_who_hangs_up_does_not_take_the_answer_from_others(pool: Pool, workspace: int) -> None:
    keyring = Keyring(pool)
    first = asyncio.create_task(keyring.workspace("track", basic("site:key")))
    second = asyncio.create_task(keyring.workspace("track", basic("site:key")))
    await asyncio.sleep(0)

    first.cancel()

    assert Workspace(workspace) == await second
