from __future__ import annotations

import pytest

from api.timestamps import unix_seconds
from engine.errors import InputError


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        (0, 0.0),
        (1795446653, 1795446653.0),
        (1795446653.25, 1795446653.25),
        ("1795446653", 1795446653.0),
        (100_000_000_000, 100_000_000_000.0),
        (100_000_000_001, 100_000_000.001),
        (1795446653123, 1795446653.123),
        ("1795446653123", 1795446653.123),
        (253_402_300_799_999, 253_402_300_799.999),
    ],
)
def test_numbers_and_digits_are_seconds_and_beyond_a_hundred_thousand_million_milliseconds(
    sent: object, seconds: float
) -> None:
    assert seconds == unix_seconds(sent, "timestamp")


@pytest.mark.parametrize(
    "sent",
    [
        -1,
        "-1",
        "",
        "now",
        "2026-11-24T12:00:00Z",
        "1795446653.5",
        "١٧٩٥٤٤٦٦٥٣",
        "9" * 5000,
        True,
        [1795446653],
        {},
        253_402_300_800_000,
        1e300,
        float("nan"),
    ],
)
def test_everything_else_is_refused_and_named(sent: object) -> None:
    with pytest.raises(InputError) as raised:
        unix_seconds(sent, "timestamp")

    assert "timestamp" == raised.value.fault.place
    assert len(raised.value.message) < 120
