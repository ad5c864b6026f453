"""The outcome of a hand-over is written down although the database is away for a moment."""

from __future__ import annotations

import asyncpg
import pytest

from activities import patience
from tests.record_errors import record_errors


async def test_an_outcome_is_written_at_another_try_and_the_tries_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_PAUSES", (0.0, 0.0, 0.0))
    before, answers = record_errors("outcomes"), [ConnectionRefusedError(), asyncpg.AdminShutdownError(), None]

    async def write() -> str:
        if (error := answers.pop(0)) is not None:
            raise error
        return "written"

    assert "written" == await patience.patiently(7, write)
    assert 2 == record_errors("outcomes") - before
