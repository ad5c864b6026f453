"""docs/forms.md and docs/webhook-campaigns.md stay true: every document in them is a valid one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine import campaigns
from engine.source import read
from tests.engine.builders import document

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENTS = [
    text
    for page in ("forms.md", "webhook-campaigns.md")
    for text in re.findall(r"```yaml\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
]


@pytest.mark.parametrize("text", DOCUMENTS)
def test_every_document_is_valid(text: str) -> None:
    written = read(text).data
    whole = written if "name" in written else {**document(), **written}

    assert whole["name"] == campaigns.parse(whole).name
