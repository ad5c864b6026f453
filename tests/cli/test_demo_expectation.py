"""What the demo waits for: worked out from what was told, and of every kind that there is to see."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cli.demo_expectation import Message, expected
from cli.demo_story import LAPSES_AFTER, PACE, Told, story

Json = dict[str, object]

TODAY = date(2027, 6, 5)
ADA: Json = {"email": "ada@example.com", "plan": "trial"}
SOCKS: Json = {"items": [{"category": "socks"}], "total": 35}


def person(**attributes: object) -> Told:
    return Told(person="ada", data=ADA | attributes)


def event(name: str, data: Json | None = None, *, ago: timedelta = timedelta()) -> Told:
    return Told(person="ada", what="event", name=name, data=data or {}, ago=ago)


def blocks(*told: Told) -> list[str]:
    return sorted(message.block for message in expected(told, TODAY))


def test_a_trial_gets_the_welcome_and_the_tour() -> None:
    assert ["trial-tour", "welcome"] == blocks(person(), event("signed_up"))


def test_who_pays_meanwhile_needs_no_tour() -> None:
    assert ["welcome"] == blocks(person(), event("signed_up"), person(plan="pro"))


def test_who_unsubscribed_gets_receipts_only() -> None:
    told = blocks(
        person(unsubscribed=True, birthday="1992-06-05"),
        event("signed_up"),
        event("order_completed"),
        event("cart_updated", SOCKS),
    )

    assert ["receipt"] == told


def test_a_cart_is_reminded_of_unless_it_was_bought() -> None:
    assert ["nudge"] == blocks(person(), event("purchase"), event("cart_updated", SOCKS))
    assert [] == blocks(person(), event("cart_updated", SOCKS), event("purchase"))


def test_a_receipt_goes_where_the_order_says() -> None:
    told = [person(), event("order_completed", {"recipient": "b@example.com"})]

    assert {Message("ada", "b@example.com", "receipt", "receipt")} == expected(told, TODAY)


@pytest.mark.parametrize(
    ("attributes", "greeted"),
    [
        ({"birthday": "1992-06-05"}, True),
        ({"birthday": "1992-06-06"}, False),
        ({"birthday": "1992-06-05", "timezone": "Pacific/Auckland"}, False),
    ],
)
def test_a_birthday_is_greeted_on_its_day_by_the_clocks_of_the_shop(attributes: Json, greeted: bool) -> None:
    assert (["greeting"] if greeted else []) == blocks(person(**attributes))


def test_who_lapses_within_the_minute_is_missed_unless_they_pay_or_bought_again() -> None:
    nearly = event("purchase", ago=LAPSES_AFTER - timedelta(seconds=20))

    assert ["we-miss-you"] == blocks(person(), nearly)
    assert [] == blocks(person(plan="pro"), nearly)
    assert [] == blocks(person(), nearly, event("purchase"))


def test_a_form_and_a_call_make_people_who_get_mail() -> None:
    parcel = {"parcel": {"customer_email": "lena@example.com"}}
    told = [
        Told(person="kim@example.com", what="form", name="newsletter", data={"email": "kim@example.com"}),
        Told(person="lena@example.com", what="webhook", name="parcel-shipped", data=parcel),
    ]

    assert {
        Message("kim@example.com", "kim@example.com", "newsletter", "confirmation"),
        Message("lena@example.com", "lena@example.com", "parcel-on-its-way", "on-its-way"),
    } == expected(told, TODAY)


def test_the_story_has_every_first_message_of_the_examples_and_people_who_get_none() -> None:
    told = list(story("1", TODAY))
    messages = expected(told, TODAY)

    assert {
        *("welcome", "trial-tour", "nudge", "receipt", "sorry", "thanks"),
        *("greeting", "we-miss-you", "confirmation", "on-its-way"),
    } == {message.block for message in messages}
    assert {"cleo-1", "iris-1"} == {one.person for one in told} - {message.person for message in messages}
    assert ["ben-1"] == [message.person for message in messages if message.block == "greeting"]


def test_all_is_told_before_a_delay_of_a_minute_ends() -> None:
    assert len(list(story("1", TODAY))) * PACE < 30
