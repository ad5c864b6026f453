"""What recipients do with an email: it is opened and clicked, and the record says so (behaviour 7.11-7.15)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from storage.database import Pool
from tests.world import World, email, open_world

SOCKS = "https://shop.example/?sku=7&x=1"
BODY = (
    '<html><body><a href="https://shop.example/?sku={{event.sku}}&amp;x=1">socks</a> <a href="HTTP://shop.example">shop'
    '</a> <a href="mailto:hello@shop.example">write</a> <a href="#top">up</a></body></html>'
)
UNTRACKED = BODY.replace("{{event.sku}}", "7")


@pytest.fixture
async def world(pool: Pool, temporal: WorkflowEnvironment) -> AsyncIterator[World]:
    """A world whose recipients reach it."""
    async with open_world(pool, temporal, public_url="https://go.example") as world:
        yield world


async def sent(world: World, **fields: Any) -> list[str]:
    """Let Ada buy socks; return where links and images of her email lead, below our address."""
    await world.campaign(trigger={"event": "purchase"}, workflow=[email("receipt", body=BODY, **fields)])
    await world.identify("ada")
    await world.event("ada", "purchase", {"sku": 7})
    (mail,) = world.mails
    return re.findall(r'="https://go\.example(/[^"]+)"', mail.html)


async def delivery(world: World) -> dict[str, Any]:
    """Return the only message to Ada."""
    (one,) = await world.deliveries("ada")
    return one


def span(delivery: dict[str, Any], since: str, until: str) -> timedelta:
    """Return how long after one state another was reached."""
    return datetime.fromisoformat(delivery["times"][until]) - datetime.fromisoformat(delivery["times"][since])


@pytest.mark.spec("7.11")
async def test_an_email_of_which_nothing_is_said_is_tracked(world: World) -> None:
    socks, shop, image = await sent(world)

    assert [("/t/c", SOCKS), ("/t/c", "HTTP://shop.example"), ("/t/o", None)] == [
        (path[:4], (await world.http.get(path)).headers.get("location")) for path in (socks, shop, image)
    ]
    assert ("clicked", [(SOCKS, 1), ("HTTP://shop.example", 1)]) == (
        (now := await delivery(world))["state"],
        [(link["address"], link["clicks"]) for link in now["clicked_links"]],
    )


@pytest.mark.spec("7.11", "7.15")
async def test_tracking_can_be_switched_off_for_one_message(world: World) -> None:
    await world.campaign(
        trigger={"event": "purchase"},
        workflow=[email("quiet", body=BODY, tracking=False), email("loud", body=BODY)],
    )
    await world.event("ada@example.com", "purchase", {"sku": 7})

    quiet, loud = world.mails
    assert UNTRACKED == quiet.html
    assert ["/t/c/", "/t/c/", "/t/o/"] == re.findall(r'="https://go\.example(/t/./)', loud.html)


@pytest.mark.spec("7.15")
async def test_a_message_that_is_not_tracked_counts_as_sent_and_never_as_opened_or_clicked(world: World) -> None:
    assert [] == await sent(world, tracking=False)

    now = await delivery(world)
    assert ("sent", UNTRACKED, []) == (now["state"], world.mails[0].html, now["clicked_links"])
    assert {"handing_over", "sent"} == set(now["times"])


@pytest.mark.spec("7.12")
async def test_an_email_is_opened_when_its_image_is_loaded(world: World) -> None:
    *_, image = await sent(world)
    await world.advance(hours=1)
    assert "sent" == (await delivery(world))["state"]

    await world.http.get(image)
    await world.advance(hours=1)
    await world.http.get(image)

    now = await delivery(world)
    assert ("opened", False, False) == (now["state"], now["open_is_synthetic"], "clicked" in now["times"])
    assert timedelta(hours=1) <= span(now, "sent", "opened") < timedelta(hours=2)


@pytest.mark.spec("7.12", "14.08")
async def test_a_click_without_the_image_is_an_open_at_the_same_time_and_says_that_it_is_one(world: World) -> None:
    socks, *_ = await sent(world)
    await world.http.get(socks)

    now = await delivery(world)
    assert ("clicked", True, timedelta()) == (now["state"], now["open_is_synthetic"], span(now, "opened", "clicked"))


@pytest.mark.spec("7.12")
async def test_an_image_that_is_loaded_after_the_click_makes_the_open_a_real_one_and_leaves_when_it_was(
    world: World,
) -> None:
    socks, _, image = await sent(world)
    await world.http.get(socks)
    first = await delivery(world)
    await world.advance(hours=1)
    await world.http.get(image)

    now = await delivery(world)
    assert ("clicked", False, first["times"]) == (now["state"], now["open_is_synthetic"], now["times"])


@pytest.mark.spec("7.12")
async def test_a_click_after_the_image_leaves_the_open_as_it_was_and_both_keep_their_first_times(world: World) -> None:
    socks, _, image = await sent(world)
    await world.http.get(image)
    await world.advance(hours=1)
    await world.http.get(socks)
    first = await delivery(world)
    await world.advance(hours=1)
    await world.http.get(image)
    await world.http.get(socks)

    now = await delivery(world)
    assert ("clicked", False, first["times"]) == (now["state"], now["open_is_synthetic"], now["times"])
    assert timedelta(hours=1) <= span(now, "opened", "clicked") < timedelta(hours=2)
    assert [(SOCKS, 2)] == [(link["address"], link["clicks"]) for link in now["clicked_links"]]


@pytest.mark.spec("7.14")
async def test_a_link_that_somebody_made_up_leads_nowhere_and_changes_nothing(world: World) -> None:
    socks, shop, _ = await sent(world)
    *signed, _ = socks.split("/")
    *_, elsewhere = shop.split("/")
    answers = [await world.http.get(path) for path in ("/".join([*signed, elsewhere]), socks[:-1], socks + "A")]

    assert [(404, None)] * 3 == [(answer.status_code, answer.headers.get("location")) for answer in answers]
    assert ("sent", []) == ((now := await delivery(world))["state"], now["clicked_links"])


@pytest.mark.spec("9.09")
async def test_links_of_somebody_who_was_deleted_lead_on_and_say_nothing_about_them(world: World) -> None:
    socks, *_ = await sent(world)
    await world.http.get(socks)
    await world.delete("ada")

    assert SOCKS == (await world.http.get(socks)).headers["location"]
    assert 0 == await world.pool.fetchval("SELECT count(*) FROM clicked_links")


async def test_links_lead_on_after_a_deploy_and_of_those_who_have_moved_on(world: World) -> None:
    socks, *_ = await sent(world)
    await world.restart()
    await world.advance(days=400)

    assert SOCKS == (await world.http.get(socks)).headers["location"]
    assert "clicked" == (await delivery(world))["state"]
