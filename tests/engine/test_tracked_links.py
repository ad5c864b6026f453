"""A path says where it leads and proves that we made it; nobody else can make one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.tracked_links import TrackedLinks

LINKS = TrackedLinks(b"a secret of this installation")
ADDRESS = "https://shop.example/?a=1&b=ü"


def parts(path: str) -> list[str]:
    """What comes behind the fixed beginning of a path."""
    return path.split("/")[3:]


def test_a_link_is_a_short_path_that_says_where_it_leads() -> None:
    path = LINKS.click("d1", ADDRESS)

    assert path.startswith("/t/c/d1/")
    assert ADDRESS == LINKS.clicked(*parts(path))
    assert len(path) < 32 + 1.4 * len(ADDRESS.encode())


def test_the_same_link_of_the_same_delivery_is_the_same_path_and_no_other_is() -> None:
    made = [LINKS.click("d1", ADDRESS), LINKS.click("d2", ADDRESS), LINKS.click("d1", "https://shop.example/")]

    assert 3 == len(set(made))
    assert made[0] == LINKS.click("d1", ADDRESS)


@given(st.text(), st.integers(min_value=0), st.sampled_from("AQgw_-%é"))
def test_a_path_that_was_altered_anywhere_is_not_ours(address: str, where: int, letter: str) -> None:
    path = LINKS.click("d1", address).removeprefix("/t/c/")
    at = where % len(path)
    altered = f"{path[:at]}{letter}{path[at + 1 :]}"

    if altered != path and altered.count("/") == 2:
        assert LINKS.clicked(*altered.split("/")) is None
    assert address == LINKS.clicked(*path.split("/"))


def test_another_installation_makes_other_paths() -> None:
    other = TrackedLinks(b"another secret")

    assert other.clicked(*parts(LINKS.click("d1", ADDRESS))) is None
    assert not other.is_open(*parts(LINKS.open("d1")))


def test_the_image_of_a_delivery_is_known_and_no_link() -> None:
    delivery, signature = parts(LINKS.open("d1"))

    assert LINKS.is_open(delivery, signature)
    assert not LINKS.is_open("d2", signature)
    assert LINKS.clicked(delivery, signature, "") is None


@pytest.mark.parametrize("signature", ["", "é", "A" * 22, "=" * 22])
def test_no_signature_is_guessed(signature: str) -> None:
    assert (None, False) == (LINKS.clicked("d1", signature, "aHR0cHM6Ly94"), LINKS.is_open("d1", signature))
