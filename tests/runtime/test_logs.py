"""What processes say: one line per happening, of our own logger and of everybody's."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import asyncpg
import pytest
import structlog

from runtime import logs
from runtime.settings import Settings


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Leave logging as pytest had it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def test_both_kinds_of_loggers_write_lines_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(database_url="postgresql://", log_format="json"))

    structlog.get_logger("ours").info("sent", delivery=7)
    logging.getLogger("theirs").warning("slow by %s", "2 s")
    logging.getLogger("theirs").debug("not shown")

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["logger"], line["level"], line["event"], line.get("delivery")) for line in lines] == [
        ("ours", "info", "sent", 7),
        ("theirs", "warning", "slow by 2 s", None),
    ]
    assert all(line["timestamp"].endswith("Z") for line in lines)


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_a_traceback_shows_no_data_of_people(capsys: pytest.CaptureFixture[str], log_format: str) -> None:
    logs.configure(Settings.model_validate({"database_url": "postgresql://", "log_format": log_format}))

    def send(address: str) -> None:
        raise LookupError(f"no such mailbox ({len(address)} characters)")

    try:
        send("ada{}example.com".format("@"))
    except LookupError:
        logging.getLogger("ours").exception("not sent")

    said = capsys.readouterr().err
    assert "no such mailbox (15 characters)" in said
    assert "ada@example.com" not in said


def test_a_terminal_gets_text(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(database_url="postgresql://", log_format="text"))

    structlog.get_logger("ours").info("sent", delivery=7)

    assert "sent" in capsys.readouterr().err


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_an_error_of_the_database_is_told_without_the_values_it_quotes(
    capsys: pytest.CaptureFixture[str], log_format: str
) -> None:
    logs.configure(Settings.model_validate({"database_url": "postgresql://", "log_format": log_format}))
    taken = asyncpg.UniqueViolationError('duplicate key value violates unique constraint "people_email"')
    taken.detail = "Key (email_key)=(ada@example.com) already exists."
    invalid = asyncpg.InvalidTextRepresentationError('invalid input syntax for type bigint: "ada@example.com"')

    try:
        try:
            raise taken
        except asyncpg.PostgresError as error:
            raise ExceptionGroup("several", [LookupError("gone"), invalid]) from error
    except ExceptionGroup:
        logging.getLogger("ours").exception("not written")
    logging.getLogger("ours").warning("failed: %r", invalid)
    structlog.get_logger("ours").warning("failed", reason=invalid)

    said = capsys.readouterr().err
    assert "people_email" in said
    assert "23505" in said
    assert "invalid input syntax for type bigint [22P02]" in said
    assert "ada@example.com" not in said
