"""What `sojourn doctor` says last is the whole of it: a person who reads nothing else must not be misled."""

from __future__ import annotations

from typing import Literal

import pytest

from cli.checks import Finding
from cli.doctor import conclusion


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (("good", "good"), "All is well."),
        (("good", "notice", "notice"), "Nothing is wrong; 2 to look at, marked `!`."),
        (("good", "wrong"), "1 of 2 things needs attention."),
        (("wrong", "notice", "wrong"), "2 of 3 things need attention. 1 more to look at."),
    ],
)
def test_a_notice_is_neither_wrong_nor_passed_over(
    states: tuple[Literal["good", "notice", "wrong"], ...], said: str
) -> None:
    assert said == conclusion([Finding(state, "…") for state in states])
