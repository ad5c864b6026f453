"""Two versions of one message, for a share of the journeys each (behaviour 6.13)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from channels.channel import Email, OutcomeUnknown, TryLater
from tests.world import World, email

TRIGGER = {"event": "purchase"}
PAUSE: dict[str, Any] = {"delay": {"id": "pause", "for": "1d"}}
PEOPLE = [f"p{number}@example.com" for number in range(8)]
ADA = "ada@example.com"
NAMES = {"A": "original", "B": "variation"}


def compared(share: float | None = None, /, **changes: Any) -> dict[str, Any]:
    """Return an email `nudge` with the subject A, in a test against the subject B."""
    split = {} if share is None else {"share": share}
    return email("nudge", subject="A", ab_test={**split, "subject": "B", **changes})


async def buy(world: World, *workflow: dict[str, Any], people: Sequence[str] = PEOPLE) -> None:
    """Save and start a campaign, and let people buy something."""
    await world.campaign(trigger=TRIGGER, workflow=list(workflow))
    for person in people:
        await world.event(person, "purchase")


async def edit(world: World, *workflow: dict[str, Any]) -> None:
    """Save another workflow."""
    await world.campaign(start=False, trigger=TRIGGER, workflow=list(workflow))


async def nudge(world: World, person: str) -> dict[str, Any]:
    """Return the delivery of the email `nudge` to a person who has only one."""
    (delivery,) = [one for one in await world.deliveries(person) if one["block"] == "nudge"]
    return delivery


async def arms(world: World) -> dict[str, str | None]:
    """Return which of the two messages was made for each person."""
    return {person: (await nudge(world, person))["arm"] for person in PEOPLE}


async def said(world: World, person: str) -> str:
    """Return the first line of a person's log about the email `nudge`."""
    journey = await world.journey(person)
    return next(str(line["text"]) for line in journey["decisions"] if line["block"] == "nudge")


def subject_of(world: World) -> dict[str, str]:
    """Return the last subject that each address got."""
    return {mail.to: mail.subject for mail in world.mails}


@pytest.mark.spec("6.101")
async def test_everybody_gets_the_original_unless_a_share_gets_the_variation(world: World) -> None:
    await buy(world, compared())
    at_first = world.subjects()
    await edit(world, compared(100))
    await world.event(ADA, "purchase")

    assert (["A"] * len(PEOPLE), ["B"]) == (at_first, world.subjects(ADA))
    assert ({"original"}, "variation") == (set((await arms(world)).values()), (await nudge(world, ADA))["arm"])


@pytest.mark.spec("6.101")
async def test_the_first_journeys_after_the_start_are_split_already(world: World) -> None:
    await buy(world, compared(50))

    assert {"A", "B"} == set(world.subjects())
    assert {person: NAMES[subject] for person, subject in subject_of(world).items()} == await arms(world)


@pytest.mark.spec("6.101")
@pytest.mark.parametrize(("share", "place"), [(0, None), (33.33, None), (100, None), (100.01, "share"), (-1, "share")])
async def test_whatever_the_share_the_rest_is_the_originals(world: World, share: float, place: str | None) -> None:
    document = {"name": "campaign", "trigger": TRIGGER, "workflow": [compared(share)]}
    saved = await world.http.put("/sojourn/v1/campaigns/campaign", json=document)

    faults = [fault["place"] for fault in saved.json().get("faults", [])]
    assert (200, []) if place is None else (422, [f"workflow[0].email.ab_test.{place}"]) == (saved.status_code, faults)


@pytest.mark.spec("6.102")
async def test_all_of_the_message_may_differ(world: World) -> None:
    changes = {
        "subject": "B {{event.order}}",
        "body": "<p>B</p>",
        "preheader": "b",
        "from": "B <b@shop.example>",
        "reply_to": "b@shop.example",
        "to": "desk@example.org",
        "cc": [],
        "bcc": "b@x.example",
        "headers": {"X-Arm": "b"},
    }
    original = {"subject": "A", "body": "<p>A</p>", "text": "A", "preheader": "a", "cc": "a@x.example"}
    await world.campaign(trigger=TRIGGER, workflow=[email("nudge", **original, ab_test={"share": 100, **changes})])
    await world.event(ADA, "purchase", {"order": 7})

    (mail,) = world.mails
    assert (
        Email(
            key=mail.email.key,
            date=mail.email.date,
            sender="B <b@shop.example>",
            to="desk@example.org",
            subject="B 7",
            html="<p>B</p>",
            preheader="b",
            reply_to="b@shop.example",
            bcc=("b@x.example",),
            headers={"X-Arm": "b"},
        )
        == mail.email
    )


@pytest.mark.spec("6.102")
async def test_only_the_arm_whose_sending_is_off_is_skipped(world: World) -> None:
    await buy(world, compared(50, sending="off"), email("next"))

    due, skipped = "Email nudge (original) is due", "Skipped nudge (variation): its sending is off"
    lines = {person: await said(world, person) for person in PEOPLE}
    assert {due, skipped} == set(lines.values())
    assert {person: ["A", "next"] if line == due else ["next"] for person, line in lines.items()} == {
        person: world.subjects(person) for person in PEOPLE
    }


@pytest.mark.spec("6.102")
async def test_only_the_arm_that_says_so_goes_to_those_who_unsubscribed(world: World) -> None:
    await world.campaign(trigger=TRIGGER, workflow=[compared(50, send_to_unsubscribed=True)])
    for person in PEOPLE:
        await world.identify(person, unsubscribed=True)
        await world.event(person, "purchase")

    lines = [await said(world, person) for person in PEOPLE]
    assert {"Email nudge (variation) is due", "Withheld nudge (original): the person has unsubscribed"} == set(lines)
    assert ["B"] * lines.count("Email nudge (variation) is due") == world.subjects()


@pytest.mark.spec("6.102")
@pytest.mark.parametrize(("share", "state"), [(0, "unknown"), (100, "sent")])
async def test_what_is_done_about_an_unknown_outcome_is_up_to_the_arm(world: World, share: int, state: str) -> None:
    world.mailbox.failures = [OutcomeUnknown("the line was cut")]
    await buy(world, compared(share, unknown_outcome="resend"), people=[ADA])
    delivery = await nudge(world, ADA)

    assert state == (await world.tried_again(delivery) if share else delivery)["state"]


@pytest.mark.spec("6.102")
@pytest.mark.parametrize(("share", "subject"), [(0, "A"), (100, "B")])
async def test_the_delays_around_the_message_are_those_of_both_arms(world: World, share: int, subject: str) -> None:
    await buy(world, PAUSE, compared(share), {"delay": "2d"}, email("next"), people=[ADA])
    sent = []
    for days in (1, 2):
        await world.advance(days=days, minutes=-30)
        sent.append(world.subjects())
        await world.advance(minutes=30)
        sent.append(world.subjects())

    assert [[], [subject], [subject], [subject, "next"]] == sent


@pytest.mark.spec("6.103")
async def test_a_journey_keeps_its_arm_through_a_restart(world: World) -> None:
    world.mailbox.failures = [TryLater("busy")] * 100
    await buy(world, compared(50), people=PEOPLE[:4])
    begun = {person: await nudge(world, person) for person in PEOPLE[:4]}
    await world.restart()
    world.mailbox.failures.clear()
    for person, delivery in begun.items():
        while begun[person]["state"] != "sent":
            begun[person] = await world.tried_again(begun[person])
        assert delivery["arm"] == begun[person]["arm"] == NAMES[subject_of(world)[person]]
        assert f"Email nudge ({delivery['arm']}) is due" == await said(world, person)

    assert {"A", "B"} == set(world.subjects())


@pytest.mark.spec("6.103")
async def test_a_new_journey_of_the_same_person_draws_again(world: World) -> None:
    await buy(world, compared(50), people=[ADA] * 8)

    assert {"A", "B"} == set(world.subjects(ADA))


@pytest.mark.spec("6.103")
async def test_at_each_block_a_journey_draws_by_itself(world: World) -> None:
    await buy(world, compared(50), email("bye", subject="C", ab_test={"share": 50, "subject": "D"}))

    assert {("B", "C"), ("B", "D")} <= {tuple(world.subjects(person)) for person in PEOPLE}


@pytest.mark.spec("6.103")
async def test_a_message_that_is_tried_again_is_the_same_whatever_has_become_of_the_share(world: World) -> None:
    world.mailbox.failures = [TryLater("busy")]
    await buy(world, compared(100), people=[ADA])
    waiting = await nudge(world, ADA)
    await edit(world, compared(0))
    sent = await world.tried_again(waiting)

    assert (["B"], "variation", 2) == (world.subjects(), sent["arm"], sent["version"])


async def test_a_message_that_was_begun_before_the_test_is_the_original(world: World) -> None:
    world.mailbox.failures = [TryLater("busy")]
    await buy(world, email("nudge", subject="A"), people=[ADA])
    waiting = await nudge(world, ADA)
    await edit(world, compared(100))
    sent = await world.tried_again(waiting)

    assert (None, ["A"], "original") == (waiting["arm"], world.subjects(), sent["arm"])


@pytest.mark.spec("6.108")
@pytest.mark.parametrize("kept", ["A", "B"])
async def test_whoever_waits_before_the_block_gets_the_version_that_is_kept(world: World, kept: str) -> None:
    await buy(world, PAUSE, compared(50))
    await edit(world, PAUSE, email("nudge", subject=kept))
    await world.advance(days=1)

    assert [kept] * len(PEOPLE) == world.subjects()
    assert {None} == set((await arms(world)).values())


@pytest.mark.spec("6.108")
async def test_nothing_is_switched_by_itself(world: World) -> None:
    await buy(world, compared(50))
    first = world.subjects()
    await world.advance(days=60)
    for person in PEOPLE:
        await world.event(person, "purchase")

    assert [{"A", "B"}] * 2 == [set(first), set(world.subjects()[len(first) :])]


@pytest.mark.spec("6.109")
async def test_in_an_archived_campaign_everything_that_is_made_is_the_original(world: World) -> None:
    await buy(world, compared(100, subject="{{customer.name}}"), people=[ADA])
    failed = await nudge(world, ADA)
    await world.identify(ADA, name="B")
    await world.stop()
    assert (await world.http.post("/sojourn/v1/campaigns/campaign/archive")).is_success
    sent = await world.settle_delivery(failed, "resend")

    assert [("failed", "variation"), ("sent", "original")] == [(one["state"], one["arm"]) for one in (failed, sent)]
    assert ["A"] == world.subjects()
