"""Who is meant by an identify, and which identifiers it may give (api 3.1, 11.3, 11.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.intake.scene import Scene

Sent = list[tuple[Any, dict[str, Any]]]
Known = list[tuple[str | None, str | None, dict[str, Any]]]

RULES: dict[str, tuple[Sent, Known, list[str]]] = {
    "an unknown person is created": (
        [("ada", {"plan": "pro"})],
        [("ada", None, {"plan": "pro"})],
        [],
    ),
    "a known person keeps what is not sent": (
        [("ada", {"plan": "pro", "age": 3}), ("ada", {"plan": "basic"})],
        [("ada", None, {"plan": "basic", "age": 3})],
        [],
    ),
    "an email is an identifier": (
        [({"email": "ada@x.test"}, {"plan": "pro"}), ({"email": "ADA@x.test"}, {"age": 3})],
        [(None, "ada@x.test", {"plan": "pro", "age": 3})],
        [],
    ),
    "an email in the body is set": (
        [("ada", {"email": "ada@x.test"})],
        [("ada", "ada@x.test", {})],
        [],
    ),
    "a new id joins the person of a known email, and nobody is created": (
        [({"email": "ada@x.test"}, {"plan": "pro"}), ("ada", {"email": "Ada@x.test", "age": 3})],
        [("ada", "Ada@x.test", {"plan": "pro", "age": 3})],
        [],
    ),
    "a new email joins the person of a known id": (
        [("ada", {"plan": "pro"}), ({"email": "ada@x.test"}, {"id": "ada", "age": 3})],
        [("ada", "ada@x.test", {"plan": "pro", "age": 3})],
        [],
    ),
    "a known email of somebody with an id is not taken": (
        [("ada", {"email": "ada@x.test"}), ("bob", {"email": "ada@x.test", "age": 3})],
        [("ada", "ada@x.test", {}), ("bob", None, {"age": 3})],
        ["identifier_is_taken"],
    ),
    "an id that is set does not change": (
        [({"email": "a@x.test"}, {"id": "ada"}), ({"email": "a@x.test"}, {"id": "eve", "age": 3})],
        [("ada", "a@x.test", {"age": 3})],
        ["identifier_is_set"],
    ),
    "an email that is set does not change": (
        [("ada", {"email": "a@x.test"}), ("ada", {"email": "b@x.test", "age": 3})],
        [("ada", "a@x.test", {"age": 3})],
        ["identifier_is_set"],
    ),
    "an email only changes its case": (
        [("ada", {"email": "a@x.test"}), ("ada", {"email": "A@X.test"})],
        [("ada", "A@X.test", {})],
        [],
    ),
    "an id that is set is not taken away": (
        [({"email": "a@x.test"}, {"id": "ada"}), ({"email": "a@x.test"}, {"id": None})],
        [("ada", "a@x.test", {})],
        ["identifier_is_set"],
    ),
    "an invalid email is not taken, and the rest is": (
        [("ada", {"email": "not an email", "age": 3})],
        [("ada", None, {"age": 3})],
        ["invalid_email"],
    ),
    "an id that is too long is not taken": (
        [({"email": "a@x.test"}, {"id": "é" * 76})],
        [(None, "a@x.test", {})],
        ["invalid_id"],
    ),
    "an id of another type is not taken": (
        [({"email": "a@x.test"}, {"id": [1]})],
        [(None, "a@x.test", {})],
        ["invalid_id"],
    ),
    "an id that is a number is its digits": (
        [("5", {"plan": "pro"}), ({"email": "a@x.test"}, {"id": 5})],
        [("5", "a@x.test", {"plan": "pro"})],
        [],
    ),
    "an anonymous id belongs to one person": (
        [("ada", {"anonymous_id": "n1"}), ("bob", {"anonymous_id": "n1"})],
        [("ada", None, {}), ("bob", None, {})],
        ["identifier_is_taken"],
    ),
    "_update never creates": (
        [("ada", {"_update": True, "plan": "pro"})],
        [],
        ["unknown_person"],
    ),
    "_update changes whom it finds": (
        [("ada", {}), ("ada", {"_update": True, "plan": "pro"})],
        [("ada", None, {"plan": "pro"})],
        [],
    ),
    "_update finds by an identifier in the body": (
        [({"email": "a@x.test"}, {}), ("ada", {"_update": True, "email": "a@x.test"})],
        [("ada", "a@x.test", {})],
        [],
    ),
    "null and empty text remove an attribute": (
        [("ada", {"a": 1, "b": 2, "c": 3}), ("ada", {"a": None, "b": "", "d": None})],
        [("ada", None, {"c": 3})],
        [],
    ),
    "an older update does not win": (
        [("ada", {"plan": "new", "_timestamp": 200}), ("ada", {"plan": "old", "age": 3, "_timestamp": 100})],
        [("ada", None, {"plan": "new", "age": 3})],
        [],
    ),
    "a removal is ordered too": (
        [("ada", {"plan": "x"}), ("ada", {"plan": None, "_timestamp": 200}), ("ada", {"plan": "y", "_timestamp": 100})],
        [("ada", None, {})],
        [],
    ),
    "an update without a time is the latest": (
        [("ada", {"p": 1, "_timestamp": 100}), ("ada", {"p": 2}), ("ada", {"p": 3, "_timestamp": 200})],
        [("ada", None, {"p": 2})],
        [],
    ),
    "one and true are not the same": (
        [("ada", {"a": 1, "b": [1]}), ("ada", {"a": True, "b": [True]})],
        [("ada", None, {"a": True, "b": [True]})],
        [],
    ),
    "names are compared by case": (
        [("ada", {"Plan": 1, "plan": 2})],
        [("ada", None, {"Plan": 1, "plan": 2})],
        [],
    ),
    "reserved keys are not attributes": (
        [
            (
                "ada",
                {"id": "ada", "cio_id": "x", "_update": False, "_timestamp": 5, "cio_relationships": {"action": "x"}},
            )
        ],
        [("ada", None, {})],
        ["unsupported"],
    ),
    "one topic is changed by its dotted name": (
        [
            ("ada", {"cio_subscription_preferences": {"topics": {"topic_1": True, "topic_3": True}}}),
            ("ada", {"cio_subscription_preferences.topics.topic_3": False}),
        ],
        [("ada", None, {"cio_subscription_preferences": {"topics": {"topic_1": True, "topic_3": False}}})],
        [],
    ),
    "a topic is kept without preferences before": (
        [("ada", {"cio_subscription_preferences.topics.topic_3": True})],
        [("ada", None, {"cio_subscription_preferences": {"topics": {"topic_3": True}}})],
        [],
    ),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "one by one"])
async def test_identifies_follow_the_rules_of_identity(scene: Scene, rule: str, at_once: bool) -> None:
    sent, known, failures = RULES[rule]
    inputs = [scene.identify(who, **attributes) for who, attributes in sent]

    if at_once:
        await scene.send(*inputs)
    else:
        for item in inputs:
            await scene.send(item)

    assert known == await scene.people()
    assert failures == [reason for reason, _ in await scene.failures()]
    assert [] == await scene.rows("SELECT * FROM inbox_rejects")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (True, True),
        ("TRUE", True),
        ("True", True),
        (1, True),
        ("1", True),
        (False, False),
        ("yes", False),
        (2, False),
        ([], False),
    ],
)
async def test_unsubscribed_is_true_in_any_letter_case_or_one(scene: Scene, sent: Any, kept: bool) -> None:
    await scene.send(scene.identify("ada", unsubscribed=sent))

    assert [("ada", None, {"unsubscribed": kept})] == await scene.people()


async def test_a_person_named_by_cio_id_may_change_every_identifier(scene: Scene) -> None:
    await scene.send(scene.identify("ada", email="a@x.test"))
    cio_id = await scene.one("SELECT cio_id FROM people")

    await scene.send(scene.identify({"cio_id": cio_id}, id="eve", email="e@x.test", plan="pro"))

    assert [("eve", "e@x.test", {"plan": "pro"})] == await scene.people()
    assert cio_id == await scene.one("SELECT cio_id FROM people")


async def test_an_identifier_may_be_taken_away_by_cio_id_but_not_the_last_one(scene: Scene) -> None:
    await scene.send(scene.identify("ada", email="a@x.test"))
    who = {"cio_id": await scene.one("SELECT cio_id FROM people")}

    await scene.send(scene.identify(who, email=""), scene.identify(who, id=None))

    assert [("ada", None, {})] == await scene.people()
    assert [("last_identifier", {"attribute": "id"})] == await scene.failures()


async def test_an_unknown_cio_id_is_dropped(scene: Scene) -> None:
    await scene.send(
        scene.identify({"cio_id": "nobody"}, plan="pro"),
        scene.event({"cio_id": "nobody"}, "bought"),
        scene.about("delete", {"cio_id": "nobody"}),
    )

    assert [] == await scene.people()
    assert 0 == await scene.one("SELECT count(*) FROM events")


async def test_two_people_swap_their_identifiers_in_one_batch(scene: Scene) -> None:
    await scene.send(scene.identify("ada", email="a@x.test"), scene.identify("bob", email="b@x.test"))
    ada, bob = [{"cio_id": row["cio_id"]} for row in await scene.rows("SELECT cio_id FROM people ORDER BY id")]

    await scene.send(
        scene.identify(ada, email="away@x.test"),
        scene.identify(bob, email="a@x.test"),
        scene.identify(ada, email="b@x.test"),
    )

    assert [("ada", "b@x.test", {}), ("bob", "a@x.test", {})] == await scene.people()


async def test_a_new_person_gets_an_identifier_that_another_has_just_lost(scene: Scene) -> None:
    await scene.send(scene.identify("ada", email="a@x.test"))
    ada = {"cio_id": await scene.one("SELECT cio_id FROM people")}

    await scene.send(scene.identify(ada, email="new@x.test"), scene.identify({"email": "a@x.test"}, plan="pro"))

    assert [("ada", "new@x.test", {}), (None, "a@x.test", {"plan": "pro"})] == await scene.people()


async def test_inputs_under_different_names_meet_the_same_person_in_order(scene: Scene) -> None:
    await scene.segment("vip", {"attribute": "plan", "equals": "pro"})
    await scene.campaign("thanks", filters={"in": "vip"})
    await scene.send(scene.identify("ada", email="a@x.test"))
    cio_id = await scene.one("SELECT cio_id FROM people")

    await scene.send(
        scene.identify({"cio_id": cio_id}, plan="pro"),
        scene.event("ada", "bought"),
        scene.identify({"email": "A@x.test"}, plan="free"),
        scene.event({"email": "a@x.test"}, "bought"),
        scene.identify("ada", plan="basic"),
    )

    assert [("ada", "a@x.test", {"plan": "basic"})] == await scene.people()
    assert ["e3"] == [row["occurrence"] for row in await scene.rows("SELECT occurrence FROM journeys")]
    assert ["e5"] == [row["occurrence"] for row in await scene.rows("SELECT occurrence FROM filter_retries")]


async def test_identifiers_of_one_workspace_mean_nothing_in_another(scene: Scene, second: Callable[[], Any]) -> None:
    other = await second()

    await scene.send(scene.identify("ada", plan="pro"))
    await other.send(other.identify("ada", plan="basic"))

    query = "SELECT attributes->>'plan' AS plan FROM people WHERE external_id = 'ada' ORDER BY id"
    assert ["pro", "basic"] == [row["plan"] for row in await scene.rows(query)]


async def test_devices_are_kept_per_person_and_token(scene: Scene) -> None:
    phone = {"id": "token", "platform": "ios", "attributes": {"app_version": "1"}}

    await scene.send(
        scene.about("device", "ada", device=phone),
        scene.about("device", "ada", device={**phone, "last_used": 1_700_000_000.0, "attributes": {"device_os": "17"}}),
        scene.about("device", "ada", device={"id": "gone", "platform": "android"}),
        scene.about("device_delete", "ada", device="gone"),
    )
    await scene.send(scene.about("device", "ada", device={**phone, "platform": "android", "attributes": {}}))

    assert [("token", "android", {"app_version": "1", "device_os": "17"})] == [
        (row["token"], row["platform"], row["attributes"]) for row in await scene.rows("SELECT * FROM devices")
    ]


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_device_that_was_deleted_begins_anew(scene: Scene, at_once: bool) -> None:
    phone = {"id": "token", "platform": "ios"}
    await scene.send(scene.about("device", "ada", device={**phone, "attributes": {"app_version": "1"}}))
    inputs = [
        scene.about("device_delete", "ada", device="token"),
        scene.about("device", "ada", device={**phone, "attributes": {"device_os": "17"}}),
    ]

    for items in [inputs] if at_once else [[item] for item in inputs]:
        await scene.send(*items)

    assert [{"device_os": "17"}] == [row["attributes"] for row in await scene.rows("SELECT attributes FROM devices")]
