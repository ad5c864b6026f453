"""What one message of a campaign says of itself holds for that message alone (behaviour 6.05)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from storage.database import Pool
from tests.world import World, email, open_world

BODY = '<a href="https://shop.example/">shop</a>'
ADA, BOB = "ada@example.com", "bob@example.com"


@pytest.fixture
async def world(pool: Pool, temporal: WorkflowEnvironment) -> AsyncIterator[World]:
    """A world whose recipients reach it."""
    async with open_world(pool, temporal, public_url="https://go.example") as world:
        yield world


def message(key: str, **settings: Any) -> dict[str, Any]:
    """Return an email whose subject is its name."""
    return email(key, subject=key, body=BODY, **settings)


@pytest.mark.spec("6.05")
async def test_sending_unsubscribes_tracking_and_a_test_are_set_message_by_message(world: World) -> None:
    await world.campaign(
        trigger={"event": "purchase"},
        workflow=[
            message("plain"),
            message("off", sending="off", send_to_unsubscribed=True),
            message("override", send_to_unsubscribed=True),
            message("quiet", tracking=False),
            message("test", ab_test={"share": 100, "subject": "variation", "tracking": False}),
        ],
    )
    await world.identify(ADA, unsubscribed=True)

    for person in (ADA, BOB):
        await world.event(person, "purchase")

    tracked = [(mail.to, mail.subject, "https://go.example/t/c/" in mail.html) for mail in world.mails]
    assert [
        (ADA, "override", True),
        (BOB, "plain", True),
        (BOB, "override", True),
        (BOB, "quiet", False),
        (BOB, "variation", False),
    ] == tracked
    arms = {one["block"]: one["arm"] for one in await world.deliveries(BOB)}
    assert {"plain": None, "override": None, "quiet": None, "test": "variation"} == arms
