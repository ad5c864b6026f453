"""A demo of dates needs a time of day that is about to come, and people who are known before it does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cli.demo_examples import soon


@pytest.mark.parametrize("second", [0, 1, 29, 30, 31, 59])
def test_the_time_of_day_is_a_full_minute_between_half_a_minute_and_one_and_a_half_away(second: int) -> None:
    now = datetime(2027, 6, 5, 23, 58, second, 17, tzinfo=UTC)

    found = soon(now)

    assert timedelta(seconds=30) < found - now <= timedelta(seconds=90)
    assert (0, 0) == (found.second, found.microsecond)
