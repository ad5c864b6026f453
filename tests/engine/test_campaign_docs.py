"""docs/campaigns.md stays true: every key and block kind is in it, and every document in it is valid."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from engine import campaigns, segments
from engine.errors import Fault
from engine.exits import Exit
from engine.file_references import inline_files
from engine.schema import campaign_schema
from engine.source import read
from engine.steps import KINDS
from tests.engine.builders import document

PAGE = (Path(__file__).parents[2] / "docs" / "campaigns.md").read_text(encoding="utf-8")
DOCUMENTS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def parsed(text: str) -> Any:
    written = document() | read(f"workflow:\n{text}").data if text.startswith("- ") else read(text).data
    faults: list[Fault] = []
    whole = inline_files(written, lambda path: f"<p>{path}</p>", faults)
    return segments.parse(whole) if "condition" in whole else campaigns.parse(whole)


@pytest.mark.parametrize("text", DOCUMENTS)
def test_every_document_is_valid(text: str) -> None:
    assert parsed(text)


def test_every_key_is_explained() -> None:
    keys = {key for key in campaign_schema()["properties"] if f"`{key}`" not in PAGE}

    assert set() == keys


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_block_has_its_section_with_all_its_keys(kind: str) -> None:
    section = PAGE.partition(f"\n### {kind}\n")[2].partition("\n## ")[0].partition("\n### ")[0]

    assert section
    assert [] == [key for key in KINDS[kind].json_schema() if not re.search(rf"\b{key}\b", section)]


@pytest.mark.parametrize("setting", Exit)
def test_every_exit_setting_is_explained(setting: str) -> None:
    assert f"| `{setting}` |" in PAGE
