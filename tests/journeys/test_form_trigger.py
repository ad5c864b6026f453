"""A submission of a form starts a journey, on a website or at Facebook (behaviour 1.80-1.89)."""

from __future__ import annotations

from typing import Any

import pytest

from channels.facebook import Graph
from storage import leads
from storage.leads import Announced
from tests.channels.graph_server import SECRET, TOKEN, graph_server
from tests.world import World, email
from workers.leads import Leads

WELCOME: dict[str, Any] = {
    "trigger": {"form": "newsletter"},
    "workflow": [email("welcome", subject="Hello {{ customer.first_name }}, about {{ event.topic }}")],
}


async def submit(world: World, form: str = "newsletter", **fields: str) -> int:
    """Submit a form; return the status."""
    answer = await world.http.post(f"/api/v1/forms/{form}/submit", json={"data": fields})
    await world.settle()
    return answer.status_code


@pytest.mark.spec("1.80", "1.83", "1.86", "1.88")
async def test_a_submission_makes_a_person_and_starts_a_journey(world: World) -> None:
    await world.segment("poets", {"attribute": "topic", "equals": "poetry"})
    await world.campaign(**WELCOME, filters={"in": "poets"})

    first = await submit(world, email="ada@example.com", first_name="Ada", topic="poetry")
    other = await submit(world, "contact", email="bob@example.com", topic="poetry")
    filtered = await submit(world, email="cyd@example.com", topic="prose")

    assert [204] * 3 == [first, other, filtered]
    assert ["Hello Ada, about poetry"] == world.subjects()
    assert ["ada@example.com"] == [mail.to for mail in world.mailbox.mails]


@pytest.mark.spec("1.81", "1.82", "1.84")
async def test_a_field_that_is_mapped_later_names_the_person_and_the_attribute(world: World) -> None:
    await world.campaign(**WELCOME)
    before = await submit(world, mail="ada@example.com", Vorname="Ada", topic="prose")
    mapping = {"mail": "email", "Vorname": "first_name"}

    known = await world.get("forms/newsletter")
    await world.http.put("/sojourn/v1/forms/newsletter", json={"mapping": mapping})
    after = await submit(world, mail="ada@example.com", Vorname="Ada", topic="prose")

    assert (400, 204, ["Vorname", "mail", "topic"]) == (before, after, known["fields"])
    assert ["Hello Ada, about prose"] == world.subjects()
    person = await world.get("people/ada@example.com")
    assert {"first_name": "Ada", "topic": "prose"} == person["attributes"]


@pytest.mark.spec("1.89")
async def test_every_submission_starts_a_journey_unless_frequency_says_otherwise(world: World) -> None:
    await world.campaign("each", trigger={"form": "newsletter"}, workflow=[email("each")])
    await world.campaign("once", trigger={"form": "newsletter"}, workflow=[email("once")], frequency="once")

    await world.identify("ada")
    for _ in range(3):
        await submit(world, id="ada")

    entered = [journey["campaign"]["key"] for journey in await world.journeys("ada")]
    assert (3, 1) == (entered.count("each"), entered.count("once"))


@pytest.mark.spec("1.87")
async def test_a_lead_of_facebook_goes_the_same_way(world: World) -> None:
    await world.campaign(**WELCOME | {"trigger": {"form": "f1"}})
    async with graph_server() as facebook, Graph(facebook.url, TOKEN, SECRET) as graph:
        facebook.knows("11", email="ada@example.com", first_name="Ada", topic="poetry")
        fetching = Leads(world.pool, graph, world.clock)
        for _ in range(2):
            async with world.pool.acquire() as connection:
                await leads.add(connection, world.workspace, [Announced("11", "f1")], now=world.now)
            await fetching.work()
            await world.settle()

    assert (["11", "11"], ["Hello Ada, about poetry"]) == (facebook.asked, world.subjects())
    assert "facebook" == (await world.get("forms/f1"))["type"]
