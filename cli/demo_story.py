"""A small day of business, made up: who comes to the shop and what they do, told to the Track API as clients do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import httpx

from cli.stack import DEVELOPMENT_SECRET

PACE: Final = 0.6
"""Seconds between two calls: all is told before the first delay of a minute ends, and slowly enough to watch."""


_ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One call. `event` is empty where it is about the person: then `data` holds attributes."""

    person: str
    event: str = ""
    data: Mapping[str, Any]


def story(run: str) -> Iterator[Told]:
    """Tell the day. `run` makes people and orders new each time, so that `once` means once per run."""

    def who(name: str) -> str:
        return f"{name.lower()}-{run}"

    def comes(name: str, **attributes: object) -> Told:
        email = f"{name.lower()}.{run}@example.com"
        return Told(person=who(name), data={"email": email, "first_name": name, **attributes})

    def does(name: str, event: str, **data: object) -> Told:
        return Told(person=who(name), event=event, data=data)

    def fills_cart(name: str, category: str, total: int) -> Told:
        return does(name, "cart_updated", items=[{"name": "Something nice", "category": category}], total=total)

    def orders(name: str, number: int, total: int, **data: object) -> Told:
        items = [{"name": "Something nice", "quantity": 1, "price": total}]
        return does(name, "order_completed", order_id=f"{run}-{number}", items=items, total=total, **data)

    yield comes("Ada", plan="trial")
    yield does("Ada", "signed_up", source="search")
    yield comes("Ben", plan="free")
    yield does("Ben", "signed_up", source="friend")
    yield comes("Cleo", plan="pro")
    yield fills_cart("Cleo", "shoes", 120)  # pays already: the filter does not match, now or in half an hour
    yield fills_cart("Ada", "socks", 35)
    yield comes("Dora", plan="trial")
    yield does("Dora", "signed_up", source="search")
    yield fills_cart("Ben", "hats", 60)  # neither socks nor shoes
    yield fills_cart("Dora", "shoes", 90)
    yield does("Dora", "purchase", total=90)  # reaches the goal: no reminder
    yield orders("Dora", 1, 90)
    yield Told(person=who("Dora"), data={"plan": "pro"})  # pays now: no hint at the paid plan
    yield comes("Emil", plan="free", unsubscribed=True)
    yield does("Emil", "signed_up", source="search")  # wants no marketing
    yield orders("Emil", 2, 15)  # is owed a receipt
    yield comes("Gwen", plan="pro")
    yield does("Gwen", "survey_answered", score=9)
    yield comes("Hugo", plan="team")
    yield does("Hugo", "survey_answered", score=2, comment="The socks have holes.")
    yield orders("Hugo", 3, 40, recipient=f"accounts.{run}@example.com")
    yield comes("Iris", plan="free")
    yield does("Iris", "survey_answered", score=4)  # said nothing that could be answered


async def tell(track: httpx.AsyncClient, told: Told) -> None:
    """Make the call, again while the API says that it cannot take it now.

    Raises httpx.HTTPStatusError unless it is answered with 200, which means committed.
    """
    path = f"/api/v1/customers/{quote(told.person, safe='')}"
    for _ in range(_ATTEMPTS):
        if told.event:
            answer = await track.post(f"{path}/events", json={"name": told.event, "data": told.data})
        else:
            answer = await track.put(path, json=told.data)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            break
        await asyncio.sleep(int(answer.headers.get("Retry-After", "1")))
    answer.raise_for_status()


def track_client(url: str) -> httpx.AsyncClient:
    """Return a stock HTTP client with the credentials of a development stack."""
    again = httpx.AsyncHTTPTransport(retries=_ATTEMPTS)  # of connecting: what was sent is never sent twice
    return httpx.AsyncClient(base_url=url, auth=(DEVELOPMENT_SECRET, DEVELOPMENT_SECRET), timeout=10.0, transport=again)
