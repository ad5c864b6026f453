"""One event, one person, one running campaign."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine import entry
from engine.campaigns import Campaign
from engine.entry import Enter, Event, NotTriggered, Refusal, Refused, Retry, Verdict
from tests.engine.builders import NOW, campaign, facts

STARTED = NOW - timedelta(days=30)

IN_CART = {"items": [{"category": "socks"}, {"category": "hats"}]}


def decide(
    it: Campaign,
    *,
    kind: Any = "event",
    name: str = "cart_updated",
    data: Any = None,
    happened: datetime = NOW,
    received: datetime = NOW,
    started: datetime = STARTED,
    segments: AbstractSet[str] = frozenset(),
) -> Verdict:
    event = Event(id=1, kind=kind, name=name, data=data or {}, occurred_at=happened, received_at=received)
    return entry.decide(
        it, started_at=started, event=event, facts=facts(data=data or {}, segments=segments, now=received)
    )


@pytest.mark.spec("1.30", "1.32")
@pytest.mark.parametrize(("name", "enters"), [("cart_updated", True), ("Cart_updated", False), ("cart", False)])
def test_the_name_must_be_the_same_capitals_included(name: str, enters: bool) -> None:
    assert enters == isinstance(decide(campaign(), name=name), Enter)


@pytest.mark.spec("1.32")
def test_the_name_in_the_document_is_trimmed_as_names_of_events_are() -> None:
    assert isinstance(decide(campaign(trigger={"event": "  cart_updated "})), Enter)


@pytest.mark.spec("1.33")
@pytest.mark.parametrize("kind", ["event", "page", "screen"])
def test_each_kind_triggers_and_only_its_own(kind: str) -> None:
    it = campaign(trigger={kind: "/cart"})

    assert [kind] == [
        one for one in ("event", "page", "screen") if isinstance(decide(it, kind=one, name="/cart"), Enter)
    ]


@pytest.mark.spec("1.34", "1.35")
@pytest.mark.parametrize(
    ("where", "enters"),
    [
        ([{"path": "items[].category", "contains": "socks|shoes"}], True),
        ([{"path": "items[].category", "contains": "coats|shoes"}], False),
        ([{"path": "items[].category", "not_contains": "coats|shoes"}], True),
        ([{"path": "items[].category", "not_contains": "coats|socks"}], False),
        ([{"path": "items[].category", "contains": "socks"}, {"path": "total", "at_least": 1}], False),
    ],
)
def test_all_conditions_on_the_data_must_hold(where: Any, enters: bool) -> None:
    it = campaign(trigger={"event": "cart_updated", "where": where})

    assert (Enter if enters else NotTriggered) is type(decide(it, data=IN_CART))


@pytest.mark.spec("1.38")
@pytest.mark.parametrize(
    ("age", "reason"),
    [
        (timedelta(hours=72), None),
        (timedelta(hours=72, seconds=1), Refusal.STALE),
        (timedelta(days=400), Refusal.STALE),
    ],
)
def test_an_event_older_than_72_hours_when_it_comes_in_never_triggers(age: timedelta, reason: Refusal | None) -> None:
    verdict = decide(campaign(), happened=NOW - age, started=NOW - timedelta(days=500))

    assert reason == (verdict.reason if isinstance(verdict, Refused) else None)


@pytest.mark.spec("1.39")
def test_an_event_of_the_future_triggers_when_it_comes_in() -> None:
    assert isinstance(decide(campaign(), happened=NOW + timedelta(days=3)), Enter)


@pytest.mark.spec("1.43")
@pytest.mark.parametrize(
    ("happened", "received", "enters"),
    [
        (timedelta(0), timedelta(0), True),
        (timedelta(seconds=-1), timedelta(0), False),
        (timedelta(seconds=-1), timedelta(seconds=-1), False),
        (timedelta(0), timedelta(milliseconds=-1), False),
        (timedelta(days=1), timedelta(seconds=-1), False),
        (timedelta(milliseconds=-400), timedelta(seconds=5), True),
    ],
)
def test_an_event_from_before_the_start_never_triggers(happened: timedelta, received: timedelta, enters: bool) -> None:
    started = NOW.replace(microsecond=400_000)
    verdict = decide(campaign(), happened=started + happened, received=started + received, started=started)

    assert enters == isinstance(verdict, Enter)
    assert enters or (isinstance(verdict, Refused) and verdict.reason is Refusal.BEFORE_START)


@pytest.mark.spec("4.03", "4.10", "4.11")
@pytest.mark.parametrize("back_dated", [timedelta(0), timedelta(hours=1)])
def test_without_its_filters_an_event_waits_30_minutes_from_receipt(back_dated: timedelta) -> None:
    it = campaign(filters={"in": "customers"})

    waits = decide(it, happened=NOW - back_dated)
    enters = decide(it, happened=NOW - back_dated, segments={"customers"})

    assert isinstance(waits, Retry)
    assert NOW + timedelta(minutes=30) == waits.until
    assert waits.seen["filters"]["holds"] is False
    assert isinstance(enters, Enter)
    assert enters.seen["filters"]["holds"] is True


def test_what_is_not_triggered_is_not_retried() -> None:
    assert isinstance(decide(campaign(filters={"in": "customers"}), name="other"), NotTriggered)


def test_a_stale_event_is_not_retried() -> None:
    verdict = decide(campaign(filters={"in": "customers"}), happened=NOW - timedelta(hours=73))

    assert isinstance(verdict, Refused)


def test_refusals_say_why_and_what_was_seen() -> None:
    limited = campaign(frequency={"once_per": "24h"})
    filtered = campaign(filters={"in": "customers"})

    held_back = entry.refused_by_frequency(limited, NOW)
    never = entry.refused_by_filters(filtered, facts())

    assert (Refusal.FREQUENCY, NOW.isoformat()) == (held_back.reason, held_back.seen["last_entered_at"])
    assert Refusal.FILTERS_NEVER_MATCHED is never.reason
    assert "in segment customers" == never.seen["filters"]["text"]
