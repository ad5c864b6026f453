"""docs/personalisation.md says what templates do; every example in it is rendered here."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.errors import Fault, RenderError
from engine.templates import Language, Scope, check, jinja_grammar, jinja_language, limits, liquid_language, render
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


def words(text: str) -> list[str]:
    """What stands in quotes, in order."""
    return re.findall(r"`([^`]+)`", text)


def section(heading: str) -> str:
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def cell(heading: str, first: str) -> list[str]:
    """The words in the second cell of a row."""
    return words(next(line for line in section(heading).splitlines() if line.startswith(f"| {first} |")))


def test_every_filter_and_tag_of_liquid_is_on_the_page_and_no_other() -> None:
    table, _, tags = section("Filters and tags").partition("And these are its tags:")

    assert sorted(liquid_language.FILTERS) == sorted(words(table))
    assert sorted(liquid_language.TAGS) == sorted(words(tags.partition(" for a comment")[0]))


def test_every_filter_test_and_tag_of_jinja_is_on_the_page_and_no_other() -> None:
    assert sorted(jinja_language.FILTERS) == cell("Jinja2", "filters")
    assert sorted(jinja_language.TESTS) == cell("Jinja2", "tests")
    assert sorted(jinja_grammar.TAGS) == cell("Jinja2", "tags")


def test_the_tags_on_the_page_are_those_that_work() -> None:
    liquid = {
        "#": "{% # x %}",
        "assign": "{% assign x = 1 %}",
        "break": "{% break %}",
        "capture": "{% capture x %}{% endcapture %}",
        "case": "{% case customer.x %}{% when 1 %}{% endcase %}",
        "comment": "{% comment %}{% endcomment %}",
        "continue": "{% continue %}",
        "cycle": "{% cycle 1, 2 %}",
        "decrement": "{% decrement x %}",
        "doc": "{% doc %}{% enddoc %}",
        "echo": "{% echo 1 %}",
        "for": "{% for x in customer.x %}{% endfor %}",
        "if": "{% if customer.x %}{% endif %}",
        "ifchanged": "{% ifchanged %}{% endifchanged %}",
        "include": "{% include 'x' %}",
        "increment": "{% increment x %}",
        "liquid": "{% liquid echo 1 %}",
        "raw": "{% raw %}{% endraw %}",
        "render": "{% render 'x' %}",
        "tablerow": "{% tablerow x in customer.x %}{% endtablerow %}",
        "unless": "{% unless customer.x %}{% endunless %}",
    }
    jinja = {
        "autoescape": "{% autoescape true %}{% endautoescape %}",
        "block": "{% block x %}{% endblock %}",
        "call": "{% call x() %}{% endcall %}",
        "extends": "{% extends 'x' %}",
        "filter": "{% filter upper %}{% endfilter %}",
        "for": "{% for x in customer.x %}{% endfor %}",
        "from": "{% from 'x' import y %}",
        "if": "{% if customer.x %}{% endif %}",
        "import": "{% import 'x' as y %}",
        "include": "{% include 'x' %}",
        "macro": "{% macro x() %}{% endmacro %}",
        "print": "{% print 1 %}",
        "raw": "{% raw %}{% endraw %}",
        "set": "{% set x = 1 %}",
        "with": "{% with %}{% endwith %}",
    }

    assert liquid_language.TAGS == {tag for tag, source in liquid.items() if sound(source, "liquid")}
    assert jinja_grammar.TAGS == {tag for tag, source in jinja.items() if sound(source, "jinja2")}


def sound(source: str, language: Language) -> bool:
    found: list[Fault] = []
    check(source, language, "body", found)
    return not found


def test_the_limits_on_the_page_are_the_limits() -> None:
    documented = (
        f"| template | {limits.SOURCE_BYTES // 1000} kB |",
        f"| rendered text | {limits.OUTPUT_BYTES // 1_000_000} MB |",
        f"| rounds of all loops together | {limits.ROUNDS:,} |",
        f"| items of a list in a loop or a filter | {limits.ITEMS:,} |",
        f"| time | {limits.SECONDS:g} second |",
    )

    assert [] == [line for line in documented if line not in PAGE]
