"""A grace period as the record keeps it: begun in any of the three looks, kept, and ended (behaviour 10.3)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from channels.channel import TryLater
from engine.moves import Go, Send, Wait
from storage import inbox
from storage.wakeups import Wakeups
from tests.activities.passage import NOW, Passage, email, left

DAY = timedelta(days=1)
TRIGGER = {"condition": {"in": "paying"}}


@pytest.fixture
async def paying(passage: Passage) -> Passage:
    """A passage with the segments `paying` and `active`."""
    await passage.segment("paying", {"attribute": "plan", "equals": "pro"})
    await passage.segment("active", {"attribute": "active", "is_true": True})
    return passage


async def enter(passage: Passage, *workflow: dict[str, Any], **document: Any) -> int:
    """Let Ada enter a condition campaign by becoming one of `paying`; return her journey."""
    await passage.campaign(*workflow, **({"trigger": TRIGGER} | document))
    await passage.identify(plan="free")
    await passage.identify(plan="pro")
    return int(await passage.pool.fetchval("SELECT id FROM journeys"))


async def stop_matching(passage: Passage, **after: float) -> None:
    passage.now += timedelta(**after)
    await passage.identify(plan="free")


@pytest.mark.spec("10.50", "10.51")
async def test_the_delay_of_the_change_decides_how_long_the_message_waits(paying: Passage) -> None:
    journey = await enter(paying, {"delay": "3d"}, email())
    await stop_matching(paying, days=1)
    paying.now = NOW + 3 * DAY
    move = await paying.ask(paying.next_move, journey)
    assert isinstance(move, Wait)
    row = await paying.journey(journey)
    ends = NOW + 3 * DAY + timedelta(hours=36)
    assert (ends, "grace", "hello", ends) == (move.until, row["state"], row["block"], row["due_at"])
    assert (3 * DAY, 3 * DAY) == (row["last_wait"], row["unmatched_wait"])
    assert ["entered", "waiting", "passed", "grace"] == await paying.log(journey)


@pytest.mark.spec("10.53")
async def test_the_change_is_remembered_past_later_waits_and_forgotten_when_they_match_again(paying: Passage) -> None:
    mark = {"update_person": {"id": "mark", "set": {"marked": True}}}
    journey = await enter(paying, {"delay": {"id": "long", "for": "10d"}}, mark, {"delay": "1h"}, email())
    await stop_matching(paying, days=1)
    paying.now = NOW + 10 * DAY
    await paying.ask(paying.next_move, journey)
    await paying.ask(paying.act, journey, 2, "mark")
    paying.now += timedelta(hours=1)
    await paying.ask(paying.next_move, journey, 3)
    row = await paying.journey(journey)
    assert (5 * DAY, timedelta(hours=1), 10 * DAY) == (
        row["due_at"] - row["arrived_at"],
        row["last_wait"],
        row["unmatched_wait"],
    )
    await paying.identify(plan="pro")
    row = await paying.journey(journey)
    assert (None, None, timedelta(hours=1)) == (row["unmatched_at"], row["unmatched_wait"], row["last_wait"])


@pytest.mark.parametrize("activity", ["check_exit", "send"])
async def test_a_grace_period_begins_right_before_the_message_too(paying: Passage, activity: str) -> None:
    journey = await enter(paying, email())
    await stop_matching(paying)
    asked = getattr(paying, activity)
    move = await paying.ask(asked, journey, block="hello")
    assert isinstance(move, Wait)
    row = await paying.journey(journey)
    assert (DAY, "grace", []) == (move.until - row["arrived_at"], row["state"], paying.mailbox.mails)
    assert move == await paying.ask(asked, journey, block="hello")
    assert ["entered", "due", "grace"] == await paying.log(journey)


@pytest.mark.spec("10.54")
async def test_a_look_before_the_end_writes_nothing_and_the_one_at_the_end_decides(paying: Passage) -> None:
    journey = await enter(paying, email())
    await stop_matching(paying)
    first = await paying.ask(paying.check_exit, journey, block="hello")
    before = await paying.journey(journey)
    paying.now += timedelta(hours=23)
    assert first == await paying.ask(paying.next_move, journey, 2)
    assert before == await paying.journey(journey)
    paying.now += timedelta(hours=1)
    move = await paying.ask(paying.next_move, journey, 2)
    assert ("stopped_matching", "exited") == (left(move), (await paying.journey(journey))["state"])


@pytest.mark.spec("10.54")
async def test_who_matches_again_at_the_end_gets_the_message(paying: Passage) -> None:
    journey = await enter(paying, email())
    await stop_matching(paying)
    await paying.ask(paying.check_exit, journey, block="hello")
    await paying.identify(plan="pro")
    paying.now += DAY
    move = await paying.ask(paying.next_move, journey, 2)
    assert isinstance(move, Send)
    assert Go() == await paying.ask(paying.check_exit, journey, 3, "hello")
    await paying.ask(paying.send, journey, 3, "hello")
    assert ["ada@example.com"] == [mail.to for mail in paying.mailbox.mails]


@pytest.mark.parametrize("matches_again", [True, False])
async def test_a_message_that_no_provider_has_taken_yet_waits_with_its_delivery(
    paying: Passage, matches_again: bool
) -> None:
    journey = await enter(paying, email())
    paying.mailbox.failures = [TryLater("busy"), TryLater("busy")]
    with pytest.raises(Exception, match="tried again"):
        await paying.ask(paying.send, journey, block="hello")
    await stop_matching(paying)
    await paying.ask(paying.send, journey, block="hello")
    assert "attempted" == (await paying.delivery())["state"]
    if matches_again:
        await paying.identify(plan="pro")
    paying.now = (await paying.journey(journey))["due_at"]
    await paying.ask(paying.next_move, journey, 2)
    if not matches_again:
        assert "undeliverable" == (await paying.delivery())["state"]
        return
    # The day after which it is given up begins anew: it was not tried meanwhile.
    with pytest.raises(Exception, match="tried again"):
        await paying.ask(paying.send, journey, 3, "hello")
    await paying.ask(paying.send, journey, 3, "hello")
    assert ("sent", 3) == ((await paying.delivery())["state"], (await paying.delivery())["attempts"])


async def put_off(passage: Passage, *workflow: dict[str, Any]) -> int:
    """Let a message that no provider has taken yet wait for Ada, who matches again; return her journey at its end."""
    journey = await enter(passage, *workflow)
    passage.mailbox.failures = [TryLater("busy")]
    with pytest.raises(Exception, match="tried again"):
        await passage.ask(passage.send, journey, block="hello")
    await stop_matching(passage)
    await passage.ask(passage.send, journey, block="hello")
    await passage.identify(plan="pro")
    passage.now = (await passage.journey(journey))["due_at"]
    return journey


@pytest.mark.parametrize("edited", [[email(sending="off")], [email(sending="off"), {"delay": "1d"}], [email("other")]])
async def test_a_message_that_is_passed_over_after_all_is_not_left_waiting(
    paying: Passage, edited: list[dict[str, Any]]
) -> None:
    journey = await put_off(paying, email())
    await paying.campaign(*edited, trigger=TRIGGER)
    await paying.ask(paying.next_move, journey, 2)

    delivery = await paying.delivery()
    assert ("undeliverable", "It is not due any more.") == (delivery["state"], delivery["failure"])


@pytest.mark.spec("6.103")
async def test_the_arm_that_a_message_was_begun_with_decides_about_it_whatever_the_share_has_become(
    paying: Passage,
) -> None:
    changes = {"subject": "B", "sending": "off"}
    journey = await put_off(paying, email(subject="A", ab_test=changes))
    await paying.campaign(email(subject="A", ab_test={"share": 100, **changes}), trigger=TRIGGER)
    move = await paying.ask(paying.next_move, journey, 2)
    assert isinstance(move, Send)
    await paying.ask(paying.send, journey, 3, "hello")

    assert ("Email hello (original)", ["A"]) == (move.text, [mail.subject for mail in paying.mailbox.mails])


@pytest.mark.spec("4.08")
async def test_that_the_filters_were_met_at_the_first_message_is_kept(paying: Passage) -> None:
    await paying.campaign(
        {"delay": "1d"}, email(), email("second"), trigger=TRIGGER, filters={"in": "active"}, exit="never"
    )
    await paying.identify(plan="pro", active=True)
    journey = int(await paying.pool.fetchval("SELECT id FROM journeys"))
    assert (await paying.journey(journey))["filters_met_at"] is None
    paying.now += DAY
    await paying.ask(paying.next_move, journey)
    assert paying.now == (await paying.journey(journey))["filters_met_at"]
    await paying.identify(active=False)
    move = await paying.ask(paying.send, journey, 2, "hello")
    assert isinstance(move, Send)
    assert Go() == await paying.ask(paying.check_exit, journey, 3, "second")


@pytest.mark.spec("4.08")
async def test_a_first_message_that_was_passed_at_entry_is_kept_as_well(paying: Passage) -> None:
    await paying.campaign(
        email(sending="off"), {"delay": "1d"}, email("second"), trigger=TRIGGER, filters={"in": "active"}, exit="never"
    )
    await paying.identify(plan="pro", active=True)
    journey = int(await paying.pool.fetchval("SELECT id FROM journeys"))
    assert NOW == (await paying.journey(journey))["filters_met_at"]


# Entering again as soon as this one ends


async def plan_again(passage: Passage, journey: int, *, person_id: int | None = None) -> None:
    """Note that the journey's person, or another one, enters again as soon as it has ended."""
    row = await passage.journey(journey)
    person_id = person_id or row["person_id"]
    await passage.pool.execute(
        "INSERT INTO reentries VALUES ($1, $2, 'infinity', 'interval') ON CONFLICT DO NOTHING",
        row["campaign_id"],
        person_id,
    )


@pytest.mark.spec("2.05")
async def test_the_end_of_a_journey_lets_the_person_enter_again_and_wakes_intake(paying: Passage) -> None:
    journey = await enter(paying, {"delay": "1h"}, email(), {"delay": "1h"}, grace="off")
    await plan_again(paying, journey)
    await plan_again(paying, journey, person_id=99)
    paying.now += timedelta(hours=1)
    async with Wakeups(paying.pool, inbox.CHANNEL) as wakeups:
        await wakeups.wait(0)  # rung once at the start
        await paying.ask(paying.next_move, journey)
        await asyncio.wait_for(wakeups.wait(0.01), 1)
        assert {None} == await due(paying)
        await stop_matching(paying)
        assert "stopped_matching" == left(await paying.ask(paying.check_exit, journey, 2, "hello"))
        began = asyncio.get_running_loop().time()
        await wakeups.wait(10)
        assert asyncio.get_running_loop().time() - began < 5
    assert {paying.now, None} == await due(paying)


async def due(passage: Passage) -> set[datetime | None]:
    """When re-entries are due; None is not before the journey has ended."""
    return {row[0] for row in await passage.pool.fetch("SELECT nullif(due_at, 'infinity') FROM reentries")}
