"""A segment that is written into the trigger of a campaign and made with it (behaviour 1.18)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World, email

SPENT: dict[str, Any] = {"name": "Big spenders", "condition": {"attribute": "spent", "greater_than": 100}}
LOYAL: dict[str, Any] = {
    "name": "Loyal",
    "condition": {"all": [{"in": "big-spenders"}, {"performed": {"event": "purchase", "at_least": 2}}]},
}


@pytest.mark.spec("1.18", "1.14")
async def test_who_joins_a_segment_that_the_trigger_brought_along_enters(world: World) -> None:
    await world.identify("old", spent=500)
    await world.segment("staff", {"attribute": "staff", "is_true": True})

    trigger = {
        "condition": {"all": [{"in": "loyal"}, {"not_in": "staff"}]},
        "segments": {"loyal": LOYAL, "big-spenders": SPENT},
    }
    await world.campaign(trigger=trigger, workflow=[email("thanks")])
    await world.identify("ada", spent=50)
    for person in ("ada", "ada", "eve"):
        await world.event(person, "purchase")
    assert [] == world.subjects()
    await world.identify("ada", spent=150)
    await world.identify("eve", spent=150)
    await world.identify("bob", spent=150, staff=True)
    for _ in range(2):
        await world.event("bob", "purchase")

    assert ["ada@example.com"] == [mail.to for mail in world.mails]
    segments = {one["key"]: one for one in (await world.get("segments"))["items"]}
    assert {"big-spenders": 4, "loyal": 2, "staff": 1} == {key: one["members"] for key, one in segments.items()}
    assert {"ready"} == {one["state"] for one in segments.values()}


@pytest.mark.spec("1.18", "1.15")
async def test_who_is_in_it_already_enters_only_if_the_campaign_says_so(world: World) -> None:
    await world.identify("ada", spent=500)
    document: dict[str, Any] = {
        "trigger": {"condition": {"in": "big-spenders"}, "segments": {"big-spenders": SPENT}},
        "workflow": [email("thanks")],
    }
    await world.campaign("quiet", **document)
    await world.identify("ada", city="Bern")
    assert ([], 1) == (world.subjects(), (await world.get("segments/big-spenders"))["members"])

    await world.campaign("loud", start=False, **document)
    await world.start("loud", matches="current_and_future")

    assert ["thanks"] == world.subjects("ada@example.com")
    used = (await world.get("segments/big-spenders"))["used_by"]
    assert ["loud", "quiet"] == sorted(one["key"] for one in used)
