"""Names that stand in histories outlive every release: they are added, never changed and never removed."""

from __future__ import annotations

from pathlib import Path

from engine import ids, names
from runtime.temporal import SEARCH_ATTRIBUTES

RELEASED = Path(__file__).with_name("names_on_the_wire.txt").read_text(encoding="utf-8").split("\n")
"""Only ever add a line. Removing or changing one loses the journeys that carry it."""


def test_every_name_on_the_wire_is_still_there_and_every_new_one_is_written_down() -> None:
    present = [f"{name} = {value}" for name, value in vars(names).items() if name.isupper() and isinstance(value, str)]

    assert sorted(line for line in RELEASED if line and not line.startswith("#")) == sorted(present)


def test_no_two_names_of_a_kind_are_the_same() -> None:
    activities = [names.NEXT_MOVE, names.CHECK_EXIT, names.SEND, names.ACT, names.STOP_CAMPAIGN, names.COUNT_INSIDE]

    assert len(activities) == len(set(activities))


def test_a_namespace_is_given_every_search_attribute_that_is_named() -> None:
    assert {names.CAMPAIGN_KEY, names.CAMPAIGN_ID, names.PERSON_KEY, names.WORKSPACE_ID} == set(SEARCH_ATTRIBUTES)


def test_workflow_ids_are_written_as_they_always_were() -> None:
    assert "journey:1:2:3:e4" == ids.journey_workflow(1, 2, 3, "e4")
