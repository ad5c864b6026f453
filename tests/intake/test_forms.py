"""A submission is what a person says of themselves, and an event of theirs (behaviour 1.83-1.89)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from intake.forms import submission
from storage.inbox import Input
from tests.intake.scene import Scene


def submit(
    scene: Scene, fields: dict[str, str], *, form: str = "signup", key: str | None = None, at: datetime | None = None
) -> Input:
    return scene.input("form", **submission(form, "form", fields, {}, key=key, at=at))


@pytest.mark.spec("1.83", "1.84")
async def test_a_person_is_made_and_changed(scene: Scene) -> None:
    await scene.send(submit(scene, {"email": "ada@example.com", "colour": "red", "city": "Bern"}))
    await scene.send(submit(scene, {"email": "ADA@example.com", "colour": "blue"}))

    assert [(None, "ada@example.com", {"colour": "blue", "city": "Bern"})] == await scene.people()


@pytest.mark.spec("1.86")
async def test_a_submission_is_an_event_with_its_fields(scene: Scene) -> None:
    await scene.send(submit(scene, {"id": "ada", "colour": "red"}))

    [row] = await scene.rows("SELECT kind, name, data, person_id FROM events")
    assert ("form", "signup", {"id": "ada", "colour": "red"}) == (row["kind"], row["name"], row["data"])
    assert row["person_id"] == await scene.one("SELECT id FROM people")


@pytest.mark.spec("1.80", "1.88")
async def test_what_is_said_is_visible_to_the_filters(scene: Scene) -> None:
    await scene.segment("reds", {"attribute": "colour", "equals": "red"})
    await scene.campaign("welcome", trigger={"form": "signup"}, filters={"in": "reds"})

    await scene.send(submit(scene, {"id": "ada", "colour": "red"}), submit(scene, {"id": "bob", "colour": "blue"}))

    entered = await scene.rows("SELECT external_id FROM journeys j JOIN people p ON p.id = j.person_id")
    assert ["ada"] == [row["external_id"] for row in entered]


@pytest.mark.spec("1.89")
async def test_every_submission_starts_a_journey(scene: Scene) -> None:
    await scene.campaign("welcome", trigger={"form": "signup"})
    await scene.campaign("once", trigger={"form": "signup"}, frequency="once")

    await scene.send(submit(scene, {"id": "ada"}), submit(scene, {"id": "ada"}), submit(scene, {"id": "ada"}, form="x"))

    assert (2, 1) == (len(await scene.entered("welcome")), len(await scene.entered("once")))


@pytest.mark.spec("1.38", "1.43", "1.87")
@pytest.mark.parametrize(
    ("hours", "entered", "refused"),
    [(1, 1, []), (3, 0, ["before_start"]), (73, 0, ["stale"])],
    ids=["just now", "before the start", "days ago"],
)
async def test_what_a_submission_starts_depends_on_when_it_was_made_not_on_when_it_could_be_read(
    scene: Scene, hours: int, entered: int, refused: list[str]
) -> None:
    await scene.campaign("welcome", trigger={"form": "signup"})
    scene.now += timedelta(hours=2)
    late = submit(scene, {"id": "ada", "colour": "red"}, at=scene.now - timedelta(hours=hours))

    await scene.send(late)

    assert (entered, refused) == (len(await scene.entered("welcome")), await scene.refused("welcome"))
    assert [("ada", None, {"colour": "red"})] == await scene.people()


@pytest.mark.spec("1.89")
async def test_fields_can_be_filtered(scene: Scene) -> None:
    await scene.campaign("reds", trigger={"form": "signup", "where": [{"path": "colour", "equals": "red"}]})

    await scene.send(submit(scene, {"id": "ada", "colour": "red"}), submit(scene, {"id": "bob", "colour": "blue"}))

    assert 1 == len(await scene.entered("reds"))


async def test_the_same_lead_told_twice_counts_once(scene: Scene) -> None:
    await scene.campaign("welcome", trigger={"form": "signup"})

    await scene.send(submit(scene, {"id": "ada"}, key="fb:1"), submit(scene, {"id": "ada", "x": "y"}, key="fb:1"))
    await scene.send(submit(scene, {"id": "ada"}, key="fb:1"))

    assert 1 == len(await scene.entered("welcome"))
    assert [("ada", None, {})] == await scene.people()


async def test_a_suppressed_person_is_not_taken_in(scene: Scene) -> None:
    await scene.send(scene.about("suppress", "ada"))
    await scene.send(submit(scene, {"id": "ada"}))

    assert ([], 0) == (await scene.people(), await scene.one("SELECT count(*) FROM events"))


async def test_an_identifier_in_another_field_joins_nobody(scene: Scene) -> None:
    fields: dict[str, Any] = {"email": "ada@example.com", "cio_id": "x", "_update": "true"}

    await scene.send(submit(scene, fields))

    assert [(None, "ada@example.com", {})] == await scene.people()
