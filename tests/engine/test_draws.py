from __future__ import annotations

import pytest

from engine.draws import draw

MANY = range(1, 20_001)


@pytest.mark.spec("6.103")
def test_the_same_journey_and_block_always_draw_the_same() -> None:
    """The numbers themselves: journeys that are under way keep their lots through every deploy."""
    drawn = [(1, "nudge"), (2, "nudge"), (1, "bye")]

    assert [19.775609, 2.391762, 70.102567] == [round(draw(journey, block), 6) for journey, block in drawn]


@pytest.mark.parametrize("share", [0.01, 1, 12.5, 50, 87.25, 99.99])
def test_as_many_win_as_the_share_says(share: float) -> None:
    won = sum(draw(journey, "nudge") < share for journey in MANY)
    expected = len(MANY) * share / 100

    assert abs(won - expected) <= 3 * (expected * (1 - share / 100)) ** 0.5 + 1


def test_of_nothing_nobody_wins_and_of_everything_everybody() -> None:
    assert all(0 <= draw(journey, "nudge") < 100 for journey in MANY)


def test_two_blocks_of_a_journey_draw_independently() -> None:
    both = sum(draw(journey, "nudge") < 50 and draw(journey, "bye") < 50 for journey in MANY)

    assert abs(both - len(MANY) / 4) < 3 * (len(MANY) * 3 / 16) ** 0.5
