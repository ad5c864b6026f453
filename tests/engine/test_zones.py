from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from engine.documents import Fields
from engine.errors import Fault
from engine.zones import instant_in, read_zone, zone_of


@pytest.mark.spec("1.63")
@pytest.mark.parametrize("name", ["Canada/Pacific", "Europe/Zurich", "America/Argentina/Ushuaia", "Etc/UTC", "UTC"])
def test_the_name_of_a_region_is_a_time_zone(name: str) -> None:
    assert ZoneInfo(name) == zone_of(name)


@pytest.mark.spec("1.63")
@pytest.mark.parametrize(
    "name",
    [
        "(GMT-08:00) Pacific Time",
        "EST5EDT",
        "CET",
        "GMT",
        "+02:00",
        "europe/zurich",
        "Europe/Zurich ",
        "Europe",
        "../etc/passwd",
        "/etc/localtime",
        "",
        None,
        2,
        ["UTC"],
    ],
)
def test_nothing_else_is(name: object) -> None:
    assert zone_of(name) is None


def test_a_zone_in_a_document_that_is_none_is_a_fault() -> None:
    faults: list[Fault] = []
    fields = Fields({"good": "Asia/Tokyo", "bad": "Tokyo"}, "trigger", faults)

    assert ("Asia/Tokyo", None, None) == tuple(read_zone(fields, key) for key in ("good", "missing", "bad"))
    assert [("trigger.bad", '"Tokyo" is not a time zone.')] == [(fault.place, fault.problem) for fault in faults]


def test_before_the_first_and_after_the_last_instant_there_is_none() -> None:
    first, last = datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59)  # noqa: DTZ001 - what clocks show has no zone

    assert instant_in(ZoneInfo("Asia/Tokyo"), first) is None
    assert instant_in(ZoneInfo("America/New_York"), last) is None
    assert last.replace(tzinfo=UTC) == instant_in(ZoneInfo("UTC"), last)
