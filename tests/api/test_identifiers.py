from __future__ import annotations

import pytest

from api.identifiers import person
from engine.errors import InputError


@pytest.mark.parametrize(
    ("identifier", "who"),
    [
        ("p1", {"id": "p1"}),
        ("17", {"id": "17"}),
        ("+33612345678", {"id": "+33612345678"}),
        ("a/b", {"id": "a/b"}),
        ("p 3/é@x.test", {"id": "p 3/é@x.test"}),
        ("Ada@Example.test", {"email": "Ada@Example.test"}),
        ("ada+x@mail.example.test", {"email": "ada+x@mail.example.test"}),
        ("a@b", {"id": "a@b"}),
        ("a@b@c.test", {"id": "a@b@c.test"}),
        ("@example.test", {"id": "@example.test"}),
        ("cio_0a1b2c", {"cio_id": "0a1b2c"}),
        ("cio_ada@example.test", {"cio_id": "ada@example.test"}),
        ("CIO_1", {"id": "CIO_1"}),
        ("i" * 150, {"id": "i" * 150}),
        ("é" * 75, {"id": "é" * 75}),
    ],
)
def test_the_shape_says_what_kind_of_identifier_it_is(identifier: str, who: dict[str, str]) -> None:
    assert who == person(identifier)


@pytest.mark.parametrize("identifier", ["", " ", "\t", "cio_", "a\0b", "i" * 151, "é" * 76])
def test_an_identifier_that_cannot_be_one_is_refused(identifier: str) -> None:
    with pytest.raises(InputError) as raised:
        person(identifier)

    assert "identifier" == raised.value.fault.place
