"""docs/triggers.md, docs/dates.md and docs/frequency.md stay true: their documents are read, their tables computed."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from engine import campaigns, triggers
from engine.campaigns import GRACES
from engine.conditions import Path as AttributePath
from engine.dates import Fire, next_fire
from engine.errors import Fault
from engine.instants import parse_date
from engine.source import read
from engine.triggers import DateTrigger
from tests.engine.builders import document, faults_of

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {name: (DOCS / f"{name}.md").read_text(encoding="utf-8") for name in ("triggers", "dates", "frequency")}
FRAGMENTS = [text for page in PAGES.values() for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]


def tables(page: str, heading: str) -> list[list[list[str]]]:
    """The rows of the tables under a heading, without their quotes."""
    section = PAGES[page].partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = re.findall(r"\n\| ---[^\n]*\n((?:\|[^\n]*\n)+)", section)
    return [[[cell.strip().strip("`") for cell in line.split("|")[1:-1]] for line in one.splitlines()] for one in found]


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", FRAGMENTS)
def test_every_fragment_of_a_document_is_valid(text: str) -> None:
    assert () == faults_of(document() | read(text).data)


def test_every_type_of_trigger_has_a_fragment() -> None:
    shown = {campaigns.parse(document() | read(text).data).trigger.type for text in FRAGMENTS}

    assert {"event", "form", "condition", "date", "webhook"} == shown


@pytest.mark.parametrize("grace", GRACES)
def test_every_grace_setting_is_explained(grace: str) -> None:
    assert f"| `{grace}` |" in PAGES["triggers"]


@pytest.mark.spec("1.57", "1.58", "1.61")
@pytest.mark.parametrize(("value", "expected"), tables("dates", "What counts as a date")[0])
def test_a_value_is_the_date_that_the_page_says(value: str, expected: str) -> None:
    found = parse_date(json.loads(value))

    assert expected == ("none" if found is None else found.isoformat())


@pytest.mark.spec("1.50", "1.51", "1.52", "1.53", "1.54", "1.56")
@pytest.mark.parametrize(("value", "settings", "since", "expected"), tables("dates", "Which day")[0])
def test_a_date_comes_round_on_the_day_that_the_page_says(value: str, settings: str, since: str, expected: str) -> None:
    faults: list[Fault] = []
    trigger = triggers.parse(read(f'{{date: day, {settings}, at: "09:00", timezone: UTC}}').data, "trigger", faults)
    assert isinstance(trigger, DateTrigger)
    found = next_fire(trigger, {"day": json.loads(value)}, after=day(since))

    assert expected == (f"{found.at:%Y-%m-%d}" if isinstance(found, Fire) else "never")


@pytest.mark.spec("1.62", "1.66")
@pytest.mark.parametrize(("written", "at", "zone", "expected", "_"), tables("dates", "What time")[0])
def test_a_time_of_day_is_the_instant_that_the_page_says(
    written: str, at: str, zone: str, expected: str, _: str
) -> None:
    path = AttributePath(("day",))
    trigger = DateTrigger(path=path, every="once", at=time.fromisoformat(at), zone=zone)
    found = next_fire(trigger, {"day": written}, after=day("2000-01-01"))

    assert isinstance(found, Fire)
    assert expected == f"{found.at:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("trigger", "setting"),
    [
        (trigger, row[0])
        for trigger, table in zip(
            ("{event: x}", "{condition: {in: x}}"), tables("frequency", "How often"), strict=False
        )
        for row in table
    ],
)
def test_every_frequency_of_the_page_can_be_written(trigger: str, setting: str) -> None:
    assert () == faults_of(document() | read(f"trigger: {trigger}\nfrequency: {setting}").data)
