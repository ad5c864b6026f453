"""What became of the people in the demo, asked from the API and looked up in the caught mail."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from cli.client import segment
from cli.demo_expectation import Message
from cli.development_key import DEVELOPMENT_SECRET
from runtime.caught_mail import CaughtMails

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person as the API shows them: journeys and deliveries, newest first."""

    id: str
    journeys: list[Json] = field(default_factory=list)
    deliveries: list[Json] = field(default_factory=list)


class Record:
    """Asks about people. `mails` is what the mail catcher has."""

    def __init__(self, url: str, mails: CaughtMails) -> None:
        self._http = httpx.AsyncClient(
            base_url=f"{url}/sojourn/v1/", headers={"Authorization": f"Bearer {DEVELOPMENT_SECRET}"}, timeout=10.0
        )
        self._mails = mails

    async def people(self, ids: Iterable[str]) -> list[Person]:
        """Return the people in the order asked; one whom intake has not got to yet has nothing."""
        return list(await asyncio.gather(*(self._person(one) for one in ids)))

    def arrived(self, people: Iterable[Person]) -> dict[Message, int]:
        """Return how often each message lies in the mail catcher: found by its address and subject."""
        found: dict[Message, int] = {}
        for person in people:
            for delivery in person.deliveries:
                if delivery["recipient"] is None:
                    continue
                mails = self._mails.find(to=delivery["recipient"])
                count = sum(mail.headers.get("Subject") == delivery["subject"] for mail in mails)
                if count:
                    found[message(person, delivery)] = count
        return found

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _person(self, person: str) -> Person:
        journeys, deliveries = await asyncio.gather(self._items(person, "journeys"), self._items(person, "deliveries"))
        return Person(id=person, journeys=journeys, deliveries=deliveries)

    async def _items(self, person: str, what: str) -> list[Json]:
        answer = await self._http.get(f"people/{segment(person)}/{what}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return []
        answer.raise_for_status()
        items: list[Json] = answer.json()["items"]
        return items


def message(person: Person, delivery: Json) -> Message:
    """Return the message that a delivery is."""
    return Message(person.id, delivery["recipient"], delivery["campaign"]["key"], delivery["block"])
