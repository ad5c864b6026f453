"""Documentation cannot rot: every setting and command is described, nothing else is, and links lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from cli.commands import COMMANDS, load
from runtime.settings import OF_COMMANDS, Settings, variable, variables
from tests.architecture.test_files import ROOT, tracked

SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
PAGES = tracked("*.md")


def rows(text: str) -> dict[str, str]:
    """First cell without its quotes → second cell, of every row of every table."""
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): row[1] for row in cells}


def commands() -> set[str]:
    """Every command that can be typed."""
    return {command for name in COMMANDS for command in commands_of(load(name), "sojourn")}


def commands_of(app: typer.Typer, path: str) -> Iterator[str]:
    """Every command of an app."""
    for command in app.registered_commands:
        assert command.callback is not None
        yield f"{path} {command.name or command.callback.__name__.replace('_', '-')}"
    for group in app.registered_groups:
        assert group.typer_instance is not None
        yield from commands_of(group.typer_instance, f"{path} {group.name}")


def test_every_setting_is_documented_and_no_other() -> None:
    assert {variable(name) for name in Settings.model_fields} | OF_COMMANDS == set(rows(SETTINGS))


def test_every_documented_default_is_the_default() -> None:
    words = {"none": None, "for ever": None, "`true`": True, "`false`": False}
    documented = {name: words.get(cell, cell.strip("`")) for name, cell in rows(SETTINGS).items()}
    for name in {"SOJOURN_DATABASE_URL"} | OF_COMMANDS:
        del documented[name]
    actual = {
        variable(name): value if value is None or isinstance(value, bool) else str(value)
        for name, field in Settings.model_fields.items()
        if (value := field.default) is not ... and not field.is_required()
    }

    assert actual == documented


def test_the_variables_without_our_prefix_are_the_ones_the_page_counts() -> None:
    unprefixed = [name for name in variables() if not name.startswith("SOJOURN_")]

    assert 4 == len(unprefixed)
    assert "The first four are also read without `SOJOURN_`" in SETTINGS


def test_every_command_is_documented_and_no_other() -> None:
    assert commands() == {
        name for name in rows(OPERATING[OPERATING.index("## Commands") :]) if name.startswith("sojourn ")
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    broken = [match.group(0) for match in LINK.finditer(text) if not leads(page, match.group(1), match.group(2))]

    assert [] == broken


def leads(page: Path, target: str, anchor: str | None) -> bool:
    file = (page.parent / target).resolve() if target else page
    return file.exists() and (anchor is None or anchor in anchors(file))


def anchors(file: Path) -> set[str]:
    """Names of the headings, as code hosts make them."""
    headings = HEADING.findall(FENCE.sub("", file.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_reason_why_a_change_of_a_person_fails_is_documented() -> None:
    source = (ROOT / "intake" / "identity.py").read_text(encoding="utf-8")
    kinds = ("id", "email", "anonymous_id")
    reasons = set(re.findall(r'self\.failures\.append\(\("(\w+)"', source)) | {f"invalid_{kind}" for kind in kinds}
    described = re.search(
        r"^### Attributes$(.*?)^### ", (ROOT / "docs" / "track-api.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )

    assert described is not None
    rows_of_reasons = re.findall(r"^\| (`.*?`) \|", described[1], re.MULTILINE)
    assert reasons == {reason for row in rows_of_reasons for reason in re.findall(r"`(\w+)`", row)}
