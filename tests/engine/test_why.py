"""Which events a campaign heard, as far as its starts and its latest stop can tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.why import ignored

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def at(hour: int | None) -> datetime | None:
    """Return an hour of the day."""
    return None if hour is None else NOON.replace(hour=hour)


@pytest.mark.spec("1.05", "1.43")
@pytest.mark.parametrize(
    ("first", "latest", "stop", "expected"),
    [
        (None, None, None, "before_start"),
        (13, 13, None, "before_start"),
        (13, 15, 14, "before_start"),
        (12, 12, None, None),
        (8, 9, None, None),
        (8, 8, 11, "stopped"),
        (8, 8, 12, "stopped"),
        (8, 13, 11, "stopped"),
        (8, 13, 12, "stopped"),
        (8, 12, 11, None),
        (8, 10, 9, None),
        (8, 8, 13, None),
        (8, 15, 14, None),
    ],
)
def test_an_event_that_came_in_at_noon(
    first: int | None, latest: int | None, stop: int | None, expected: str | None
) -> None:
    campaign = {"first_started_at": at(first), "started_at": at(latest), "stopped_at": at(stop)}

    assert expected == ignored(received_at=NOON, occurred_at=NOON, **campaign)


@pytest.mark.spec("1.43")
def test_an_event_that_came_in_late_and_happened_before_the_start_does_not_count() -> None:
    campaign = {"first_started_at": at(12), "started_at": at(12), "stopped_at": None}
    before = NOON - timedelta(seconds=1)

    assert "before_start" == ignored(received_at=NOON, occurred_at=before, **campaign)
    assert ignored(received_at=NOON + timedelta(hours=1), occurred_at=NOON, **campaign) is None
