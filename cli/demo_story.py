"""A small day of business, made up: who comes to the shop and what they do, told to the API as clients do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

import httpx

from cli.client import segment
from cli.development_key import DEVELOPMENT_SECRET

PACE: Final = 0.6
"""Seconds between two calls: all is told before the first delay of a minute ends, and slowly enough to watch."""

LAPSES_AFTER: Final = timedelta(days=90)
"""Since the latest purchase, in the segment `lapsed`."""

_LAPSES_IN: Final = timedelta(seconds=20)  # by time alone, for everybody to see

_ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One call: about a person, an event of theirs, a form they submit, or one by another system that concerns them."""

    person: str
    """Identifier: an id, or the email of somebody who has no id."""
    what: Literal["person", "event", "form", "webhook"] = "person"
    name: str = ""
    """Of the event, the form, or the campaign that is called."""
    data: Mapping[str, Any]
    """Attributes of the person, or what the event, the form or the call brings."""
    ago: timedelta = timedelta()
    """How long ago an event happened, when it is told."""


def story(run: str, today: date) -> Iterator[Told]:
    """Tell the day.

    Args:
        run: makes people and orders new each time, so that `once` means once per run.
        today: the date in the shop when birthdays are greeted.
    """
    birthday = f"1992-{today:%m-%d}"

    def who(name: str) -> str:
        return f"{name.lower()}-{run}"

    def at(name: str) -> str:
        return f"{name.lower()}.{run}@example.com"

    def comes(name: str, **attributes: object) -> Told:
        return Told(person=who(name), data={"email": at(name), "first_name": name, **attributes})

    def does(name: str, event: str, *, ago: timedelta = timedelta(), **data: Any) -> Told:
        return Told(person=who(name), what="event", name=event, data=data, ago=ago)

    def fills_cart(name: str, category: str, total: int) -> Told:
        return does(name, "cart_updated", items=[{"name": "Something nice", "category": category}], total=total)

    def orders(name: str, number: int, total: int, **data: Any) -> Told:
        items = [{"name": "Something nice", "quantity": 1, "price": total}]
        return does(name, "order_completed", order_id=f"{run}-{number}", items=items, total=total, **data)

    def submits(name: str, form: str, **fields: str) -> Told:
        return Told(person=at(name), what="form", name=form, data={"email": at(name), **fields})

    def parcel_leaves(name: str, number: int) -> Told:
        parcel = {"number": f"{run}-{number}", "carrier": "Post", "customer_email": at(name)}
        return Told(person=at(name), what="webhook", name="parcel-shipped", data={"parcel": parcel})

    yield comes("Ada", plan="trial")
    yield does("Ada", "signed_up", source="search")
    yield comes("Ben", plan="free", birthday=birthday)  # has one today, and lives where the shop is
    yield does("Ben", "signed_up", source="friend")
    yield comes("Jon", plan="free")
    yield does("Jon", "purchase", ago=LAPSES_AFTER - _LAPSES_IN, total=20)  # joins `lapsed` with no further call
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
    yield comes("Hugo", plan="team", birthday=birthday, timezone="Pacific/Auckland")  # where it is another hour
    yield does("Hugo", "survey_answered", score=2, comment="The socks have holes.")
    yield orders("Hugo", 3, 40, recipient=f"accounts.{run}@example.com")
    yield comes("Iris", plan="free")
    yield does("Iris", "survey_answered", score=4)  # said nothing that could be answered
    yield submits("Kim", "newsletter", first_name="Kim", topic="shoes")
    yield parcel_leaves("Lena", 4)  # ordered as a guest: the call makes her known


class Teller:
    """Makes the calls that clients, websites and other systems make, with the credentials of a development stack."""

    def __init__(self, url: str, webhooks: Mapping[str, str | None]) -> None:
        """Take the address of the API, and by the key of each data campaign the address that is called."""
        again = httpx.AsyncHTTPTransport(retries=_ATTEMPTS)  # of connecting: what was sent is never sent twice
        credentials = (DEVELOPMENT_SECRET, DEVELOPMENT_SECRET)
        self._http = httpx.AsyncClient(base_url=f"{url}/api/v1/", auth=credentials, timeout=10.0, transport=again)
        self._webhooks = webhooks

    async def tell(self, told: Told) -> None:
        """Make the call, again while the API says that it cannot take it now.

        Raises httpx.HTTPStatusError unless it is answered with success, which means committed.
        """
        for _ in range(_ATTEMPTS):
            answer = await self._http.send(self._request(told))
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            await asyncio.sleep(int(answer.headers.get("Retry-After", "1")))
        answer.raise_for_status()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def _request(self, told: Told) -> httpx.Request:
        person = f"customers/{segment(told.person)}"
        match told.what:
            case "person":
                return self._http.build_request("PUT", person, json=told.data)
            case "event":
                event: dict[str, Any] = {"name": told.name, "data": told.data}
                if told.ago:
                    event["timestamp"] = int(time.time() - told.ago.total_seconds())
                return self._http.build_request("POST", f"{person}/events", json=event)
            case "form":
                return self._http.build_request("POST", f"forms/{segment(told.name)}/submit", json={"data": told.data})
            case "webhook":
                return self._http.build_request("POST", self._webhooks[told.name] or "", json=told.data)
