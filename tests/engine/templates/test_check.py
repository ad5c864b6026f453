"""Mistakes in a template are found when it is saved, with their place, their line and a remedy."""

from __future__ import annotations

import time
from typing import Any

import pytest

from engine.errors import Fault
from engine.templates import check


def faults(source: str, language: Any = "liquid") -> list[Fault]:
    found: list[Fault] = []
    check(source, language, "workflow[0].body", found)
    return found


@pytest.mark.spec("8.08")
@pytest.mark.parametrize(
    ("language", "source", "line"),
    [
        ("liquid", "Hi\n{{ customer.first_name", 2),
        ("liquid", "{% if customer.x %}Hi", None),
        ("liquid", "Hi\n\n{% endif %}", 3),
        ("liquid", "\n{% nope %}", 2),
        ("liquid", "{{ customer.x | default 'y' }}", 1),
        ("liquid", "{% include 'other' %}", 1),
        ("liquid", "{% render 'other' %}", 1),
        ("liquid", "\n\n\n{{ customer.x | nope }}", 4),
        ("liquid", "\n{{ costumer.x }}", 2),
        ("liquid", "x" * 500_001, None),
        ("liquid", "{% if a %}" * 40 + "{% endif %}" * 40, None),
        ("jinja2", "Hi\n{{ customer.first_name", 2),
        ("jinja2", "\n{% if customer.x %}Hi", 2),
        ("jinja2", "\n{{ customer.x | nope }}", 2),
        ("jinja2", "\n{{ costumer.x }}", 2),
        ("jinja2", "\n{% include 'other' %}", 2),
        ("jinja2", "\n{% macro a() %}{% endmacro %}", 2),
        ("jinja2", "\n{{ customer.items() }}", 2),
        ("jinja2", "\n{{ customer.x.y.format(1) }}", 2),
        ("jinja2", "\n{% set x %}a{% endset %}", 2),
        ("jinja2", "\n{{ [customer, customer] }}", 2),
        ("jinja2", "\n{{ {'a': 1} }}", 2),
        ("jinja2", "\n{{ 2 ** 3 }}", 2),
        ("jinja2", "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", None),
        ("jinja2", "\n{{ " + "1 ~ " * 500 + "1 }}", 2),
    ],
)
def test_a_mistake_is_found_where_it_is(language: Any, source: str, line: int | None) -> None:
    found = faults(source, language)

    assert ["workflow[0].body"] == [fault.place for fault in found]
    assert found[0].remedy
    assert line is None or found[0].problem.startswith(f"Line {line}: ") is ("\n" in source)


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("liquid", ""),
        ("liquid", "Hello"),
        ("liquid", "{{ customer.x }}{{ event.y }}{{ event_name }}{{ trigger.z }}{{ now }}{{ layout.id }}{{ content }}"),
        ("liquid", "{% assign x = 1 %}{{ x }}{% for y in customer.z %}{{ y }}{{ forloop.index }}{% endfor %}"),
        ("liquid", "{% raw %}{{ anything }}{% endraw %}{% comment %}{{ anything }}{% endcomment %}"),
        ("liquid", "{% capture x %}a{% endcapture %}{{ x }}{% increment counter %}"),
        ("jinja2", "{% set x = 1 %}{{ x }}{% for y in range(3) %}{{ y }}{{ loop.index }}{% endfor %}"),
        ("jinja2", "{% raw %}{{ anything }}{% endraw %}{# {{ anything }} #}"),
    ],
)
def test_a_template_without_mistakes_has_no_faults(language: Any, source: str) -> None:
    assert [] == faults(source, language)


@pytest.mark.parametrize("language", ["liquid", "jinja2"])
@pytest.mark.parametrize("opener", ["{{", "{% if customer.x", "{% raw %}", "{% doc %}", "{#", "{{ '"])
def test_what_is_opened_and_never_closed_takes_no_longer_than_any_other(language: Any, opener: str) -> None:
    began = time.perf_counter()

    faults(opener * (100_000 // len(opener)), language)

    assert time.perf_counter() - began < 1.0


@pytest.mark.parametrize(
    ("language", "source", "problem", "remedy"),
    [
        ("liquid", "{{ custmer.email }}", "There is no `custmer`", "Did you mean `customer`?"),
        ("liquid", "{{ customer.x | upcase2 }}", "There is no filter `upcase2`", "Did you mean `upcase`?"),
        ("liquid", "{% if customer.x %}{% els %}{% endif %}", "There is no tag `els`", "Did you mean `else`?"),
        ("liquid", "{% asign x = 1 %}", "There is no tag `asign`", "Did you mean `assign`?"),
        ("jinja2", "{{ custmer.email }}", "There is no `custmer`", "Did you mean `customer`?"),
        ("jinja2", "{{ customer.x | uper }}", "There is no filter `uper`", "Did you mean `upper`?"),
        ("jinja2", "{% if customer.x is defind %}{% endif %}", "There is no test `defind`", "Did you mean `defined`?"),
        ("jinja2", "{% st x = 1 %}", "There is no tag `st`", "Did you mean `set`?"),
    ],
)
def test_a_mistyped_word_is_answered_with_the_one_that_is_meant(
    language: Any, source: str, problem: str, remedy: str
) -> None:
    assert [(f"{problem}.", remedy)] == [(one.problem, one.remedy) for one in faults(source, language)]


@pytest.mark.parametrize("language", ["liquid", "jinja2"])
def test_a_name_that_is_like_no_other_is_answered_with_all_there_are(language: Any) -> None:
    [found] = faults("{{ qqq }}", language)

    assert found.remedy.startswith("A template can read campaign, content, customer,")


def test_a_tag_in_the_wrong_place_is_no_mistyped_one() -> None:
    assert ["Unexpected tag 'endif'."] == [fault.problem for fault in faults("{% endif %}")]


def test_the_line_of_a_template_that_has_one_is_not_said() -> None:
    one, many = faults("{{ nope }}\n"), faults("Hello\n{{ nope }}\n")

    assert ["There is no `nope`.", "Line 2: there is no `nope`."] == [fault.problem for fault in (*one, *many)]


def test_all_unknown_names_and_filters_are_reported_line_by_line() -> None:
    found = faults("{{ a.x | nope }}\n{{ b.y | never }}\n{{ a.z }}")

    assert [
        "Line 1: there is no filter `nope`.",
        "Line 1: there is no `a`.",
        "Line 2: there is no filter `never`.",
        "Line 2: there is no `b`.",
    ] == [fault.problem for fault in found]


@pytest.mark.parametrize("language", ["liquid", "jinja2"])
def test_no_more_mistakes_are_told_than_anybody_mends_at_once(language: Any) -> None:
    assert 100 == len(faults("".join(f"{{{{ custmer{number} }}}}\n" for number in range(1_000)), language))
