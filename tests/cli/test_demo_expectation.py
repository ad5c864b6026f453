"""What the demo waits for: worked out from what was told, and of every kind that there is to see."""

from __future__ import annotations

from cli.demo_expectation import Message, expected
from cli.demo_story import PACE, Told, story

Json = dict[str, object]

ADA: Json = {"email": "ada@example.com", "plan": "trial"}
SOCKS: Json = {"items": [{"category": "socks"}], "total": 35}


def blocks(*told: tuple[str, Json]) -> list[str]:
    messages = expected(Told(person="ada", event=event, data=data) for event, data in told)
    return sorted(message.block for message in messages)


def test_a_trial_gets_the_welcome_and_the_tour() -> None:
    assert ["trial-tour", "welcome"] == blocks(("", ADA), ("signed_up", {}))


def test_who_pays_meanwhile_needs_no_tour() -> None:
    assert ["welcome"] == blocks(("", ADA), ("signed_up", {}), ("", {"plan": "pro"}))


def test_who_unsubscribed_gets_receipts_only() -> None:
    told = blocks(
        ("", ADA | {"unsubscribed": True}), ("signed_up", {}), ("order_completed", {}), ("cart_updated", SOCKS)
    )

    assert ["receipt"] == told


def test_a_cart_is_reminded_of_unless_it_was_bought() -> None:
    assert ["nudge"] == blocks(("", ADA), ("purchase", {}), ("cart_updated", SOCKS))
    assert [] == blocks(("", ADA), ("cart_updated", SOCKS), ("purchase", {}))


def test_a_receipt_goes_where_the_order_says() -> None:
    told = [
        Told(person="ada", data=ADA),
        Told(person="ada", event="order_completed", data={"recipient": "b@example.com"}),
    ]

    assert {Message("ada", "b@example.com", "receipt", "receipt")} == expected(told)


def test_the_story_has_every_message_of_the_examples_and_people_who_get_none() -> None:
    told = list(story("1"))
    messages = expected(told)

    assert {"welcome", "trial-tour", "nudge", "receipt", "sorry", "thanks"} == {message.block for message in messages}
    assert {"cleo-1", "iris-1"} == {one.person for one in told} - {message.person for message in messages}


def test_all_is_told_before_a_delay_of_a_minute_ends() -> None:
    assert len(list(story("1"))) * PACE < 30
