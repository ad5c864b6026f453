"""Whose a submission is, and which attributes its fields are."""

from __future__ import annotations

import pytest

from engine.errors import DocumentError, InputError
from engine.forms import Submission, check_mapping, read


@pytest.mark.spec("1.84")
def test_a_field_is_the_attribute_of_its_name_unless_it_is_mapped() -> None:
    read_as = read({"email": "ada@example.com", "colour": "red", "Vorname": "Ada"}, {"Vorname": "first_name"})

    assert Submission(who={"email": "ada@example.com"}, attributes={"colour": "red", "first_name": "Ada"}) == read_as


@pytest.mark.spec("1.82")
@pytest.mark.parametrize(
    ("fields", "mapping", "who"),
    [
        ({"id": "7"}, {}, {"id": "7"}),
        ({"email": " Ada@Example.com "}, {}, {"email": "Ada@Example.com"}),
        ({"mail": "ada@example.com"}, {"mail": "email"}, {"email": "ada@example.com"}),
        ({"customer": "7", "id": "not this"}, {"customer": "id", "id": "form_row"}, {"id": "7"}),
        ({"id": "7", "email": "  "}, {}, {"id": "7"}),
    ],
    ids=["id", "email", "mapped", "mapped over", "the other is blank"],
)
def test_one_field_says_who_it_is(fields: dict[str, str], mapping: dict[str, str], who: dict[str, str]) -> None:
    assert who == read(fields, mapping).who


@pytest.mark.spec("1.82")
@pytest.mark.parametrize(
    ("fields", "mapping"),
    [
        ({"colour": "red"}, {}),
        ({}, {}),
        ({"id": "7", "email": "ada@example.com"}, {}),
        ({"id": "7", "mail": "ada@example.com"}, {"mail": "email"}),
        ({"email": "ada"}, {}),
        ({"email": "Ada <ada@example.com>"}, {}),
        ({"id": "x" * 151}, {}),
        ({"email": "ada@example.com"}, {"email": "contact"}),
    ],
    ids=["nobody", "nothing", "both", "both by mapping", "no address", "a name too", "too long", "mapped away"],
)
def test_whoever_is_not_named_by_exactly_one_cannot_be_taken(fields: dict[str, str], mapping: dict[str, str]) -> None:
    with pytest.raises(InputError) as refusal:
        read(fields, mapping)

    assert refusal.value.fault.place.startswith("data")


def test_a_form_cannot_steer_how_a_person_is_identified() -> None:
    fields = {"id": "7", "_update": "true", "_timestamp": "soon", "cio_id": "1", "cio_relationships": "x"}

    assert {} == read(fields, {}).attributes


def test_a_mapping_sends_each_field_somewhere_of_its_own() -> None:
    check_mapping({"mail": "email", "Vorname": "first_name"})


@pytest.mark.parametrize(
    "mapping",
    [
        {"a": "x", "b": "x"},
        {"a": ""},
        {"": "a"},
        {"a": "cio_id"},
        {"form_name": "name"},
        {"a": "x" * 151},
        {"a\0": "a"},
    ],
    ids=["two to one", "to nothing", "of nothing", "to our id", "reserved", "too long", "NUL"],
)
def test_a_mapping_that_cannot_work_is_refused(mapping: dict[str, str]) -> None:
    with pytest.raises(DocumentError) as refusal:
        check_mapping(mapping)

    assert all(fault.remedy for fault in refusal.value.faults)
