from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.conditions import HasDevice, Scope, explain, holds, next_change
from tests.engine.conditions.builders import NOW, bought, faults_of, person, read

WEEK_AGO = int((NOW - timedelta(days=7)).timestamp())
PHONE = {"platform": "ios", "last_used": WEEK_AGO, "app.version": "2.1"}
TABLET = {"platform": "android", "last_used": WEEK_AGO - 86_400}

IOS = {"path": "platform", "equals": "ios"}
NEW = {"path": '["app.version"]', "starts_with": "2."}


@pytest.mark.parametrize(
    ("where", "with_phone", "with_tablet", "with_none"),
    [
        ({}, True, True, False),
        ([], True, True, False),
        ({"all": []}, True, True, False),
        (IOS, True, False, False),
        ([IOS, NEW], True, False, False),
        ([{"path": "platform", "equals": "android"}, NEW], False, False, False),
        ({"any": [{"path": "platform", "equals": "android"}, NEW]}, True, True, False),
        ({"path": "push_enabled", "exists": False}, True, True, False),
    ],
)
def test_one_device_meets_all_that_is_asked(where: Any, with_phone: bool, with_tablet: bool, with_none: bool) -> None:
    has, has_none = read({"device": where}, Scope.PERSON), read({"no_device": where}, Scope.PERSON)

    for devices, expected in (([PHONE], with_phone), ([TABLET], with_tablet), ([], with_none)):
        assert expected is holds(has, person(has, devices=devices))
        assert expected is not holds(has_none, person(has_none, devices=devices))


def test_two_devices_do_not_meet_a_condition_together() -> None:
    condition = read({"device": [IOS, {"path": "last_used", "before": {"ago": "7d12h"}}]}, Scope.PERSON)

    assert not holds(condition, person(condition, devices=[PHONE, TABLET]))


@pytest.mark.parametrize("where", [{}, [], {"any": []}])
def test_nothing_asked_of_a_device_is_any_device(where: Any) -> None:
    assert HasDevice() == read({"device": where}, Scope.PERSON)


@pytest.mark.parametrize("key", ["device", "no_device"])
def test_a_device_falls_silent_by_time_alone(key: str) -> None:
    condition = read({key: {"path": "last_used", "after": {"ago": "30d"}}}, Scope.PERSON)
    who = person(condition, devices=[PHONE, TABLET])

    assert next_change(condition, who) == NOW + timedelta(days=23)
    assert holds(condition, who) is (key == "device")
    assert next_change(read({key: IOS}, Scope.PERSON), who) is None


def test_no_silent_device_keeps_a_group_from_waiting_for_another_part() -> None:
    silent = {"no_device": {"path": "last_used", "after": {"ago": "30d"}}}
    condition = read({"any": [silent, {"performed": {"event": "bought", "within": "1d"}}]}, Scope.PERSON)
    who = person(condition, bought(NOW), devices=[PHONE])

    assert next_change(condition, who) == NOW + timedelta(days=1)


@pytest.mark.spec("5.47")
@pytest.mark.parametrize("path", ["os.version", "tags[]", "tags[0]"])
def test_there_are_no_paths_into_a_device(path: str) -> None:
    [fault] = faults_of({"device": [{"path": path, "equals": "x"}]}, Scope.PERSON)

    assert ("when.device[0].path", "There are no paths into a device.") == (fault.place, fault.problem)
    assert faults_of({"all": [{"device": IOS}, {"attribute": path, "equals": "x"}]}, Scope.PERSON) == []


def test_an_explanation_shows_the_device_that_decided() -> None:
    condition = read({"device": IOS}, Scope.PERSON)

    explained = explain(condition, person(condition, devices=[TABLET, PHONE]))

    assert explained["seen"] == PHONE
    assert explained["text"] == 'has a device where platform is equal to "ios"'
    assert [part["seen"] for part in explained["parts"]] == ["ios"]


def test_an_explanation_shows_the_devices_that_did_not_do() -> None:
    condition = read({"no_device": IOS}, Scope.PERSON)

    explained = explain(condition, person(condition, devices=[TABLET]))

    assert explained["holds"]
    assert explained["seen"] is None
    assert [part["seen"] for part in explained["parts"]] == ["android"]
