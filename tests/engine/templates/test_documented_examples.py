"""docs/personalisation.md says what templates do; every example in it is rendered here."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.errors import RenderError
from engine.templates import Scope, limits, render
from engine.templates.scope import NAMES

PAGE = (Path(__file__).parents[3] / "docs" / "personalisation.md").read_text(encoding="utf-8")

_SCOPE = re.search(r"```json scope\n(.*?)\n```", PAGE, re.DOTALL)
_EXAMPLE = re.compile(r"```(liquid|jinja2)( html)?\n(.*?)\n```\n\n```(result|error)\n(.*?)\n```", re.DOTALL)


def _scope() -> Scope:
    assert _SCOPE
    return Scope(**json.loads(_SCOPE[1]), now=datetime(2024, 5, 7, tzinfo=UTC))


@pytest.mark.parametrize(("language", "html", "source", "kind", "expected"), _EXAMPLE.findall(PAGE))
def test_an_example_renders_as_the_page_says(language: str, html: str, source: str, kind: str, expected: str) -> None:
    def rendered() -> str:
        return render(source, _scope(), language="jinja2" if language == "jinja2" else "liquid", html=bool(html))

    if kind == "result":
        assert expected == rendered()
    else:
        with pytest.raises(RenderError, match=f"^{re.escape(expected)}$"):
            rendered()


def test_every_example_has_a_result() -> None:
    assert len(re.findall(r"```(?:liquid|jinja2)", PAGE)) == len(_EXAMPLE.findall(PAGE))


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_name_is_on_the_page(name: str) -> None:
    assert f"`{name}" in PAGE


def test_the_limits_on_the_page_are_the_limits() -> None:
    documented = (
        f"| template | {limits.SOURCE_BYTES // 1000} kB |",
        f"| rendered text | {limits.OUTPUT_BYTES // 1_000_000} MB |",
        f"| rounds of all loops together | {limits.ROUNDS:,} |",
        f"| items of a list in a loop or a filter | {limits.ITEMS:,} |",
        f"| time | {limits.SECONDS:g} second |",
    )

    assert [] == [line for line in documented if line not in PAGE]
