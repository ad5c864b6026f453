"""No template, and no data in it, can hold the sender up or fill its memory."""

from __future__ import annotations

import time
from typing import Any

import pytest

from engine.errors import RenderError
from engine.templates import limits, render
from tests.engine.templates.builders import scope

_DOUBLING = "{% assign x = 'xxxxxxxxxxxxxxxx' %}" + "{% assign x = x | append: x %}" * 40
_JINJA_DOUBLING = "{% set x = 'xxxxxxxxxxxxxxxx' %}" + "{% set x = x ~ x %}" * 40


@pytest.mark.spec("8.11")
@pytest.mark.parametrize(
    ("language", "source", "limit"),
    [
        ("liquid", "{% for a in (1..5000) %}{% for b in (1..5000) %}{% endfor %}{% endfor %}", "10000 times"),
        ("liquid", "{% for a in (1..5000) %}{% endfor %}" * 3, "10000 times"),
        ("liquid", "{% tablerow a in (1..5000) %}{% endtablerow %}" * 3, "10000 times"),
        ("liquid", "{% for a in (1..1000000000000) %}{% endfor %}", "5000 items"),
        ("liquid", "{% for a in (1..1000000000000) reversed limit: 1 %}{% endfor %}", "5000 items"),
        ("liquid", "{{ (1..1000000000000) | join }}", "5000 items"),
        ("liquid", "{% for a in (1..2000) %}{{ customer.long }}{% endfor %}", "1000 kB"),
        ("liquid", _DOUBLING, "limit|1000000"),
        ("liquid", "{{ customer.long | replace: 'a', customer.long }}", "1000000 characters"),
        ("liquid", "{{ (1..5000) | join: customer.long }}", "1000000 characters"),
        ("liquid", "{{ customer.long | split: '' }}", "5000 items"),
        ("liquid", "{% assign x = 9999999999 %}" + "{% assign x = x | times: x %}" * 40, "300 digits"),
        ("liquid", "{{ now | date: customer.long }}", "200 characters"),
        ("jinja2", "{% for a in range(5000) %}{% for b in range(5000) %}{% endfor %}{% endfor %}", "10000 times"),
        ("jinja2", "{% for a in range(1000000000000) %}{% endfor %}", "5000 items"),
        ("jinja2", "{% for a in range(0, -6000, -1) %}{% endfor %}", "5000 items"),
        ("jinja2", "{% for a in range(2000) %}{{ customer.long }}{% endfor %}", "1000 kB"),
        ("jinja2", _JINJA_DOUBLING, "1000000 characters"),
        ("jinja2", _JINJA_DOUBLING.replace("~", "+"), "1000000 characters"),
        ("jinja2", "{{ customer.long | replace('a', customer.long) }}", "1000000 characters"),
        ("jinja2", "{{ range(5000) | join(customer.long) }}", "1000000 characters"),
        ("jinja2", "{{ range(5000) | map('replace', '', customer.long) | list | length }}", "10000000 characters"),
        ("jinja2", "{{ range(5000) | map(attribute='x', default=customer.long) | list }}", "10000000 characters"),
        ("jinja2", "{{ range(1000) | map(attribute='x', default=customer.long) | join }}", "1000000 characters"),
        ("jinja2", "{{ range(5000) | map('abs') | join(customer.long) }}", "1000000 characters"),
        ("jinja2", "{% set x = customer.long | upper %}" * 2000, "10000000 characters"),
        ("jinja2", "{% set x = customer.long ~ customer.long %}" * 1000, "10000000 characters"),
        ("liquid", "{{ customer.many | join: '' }}", "1000000 characters"),
        ("jinja2", "{{ 'x' * 1000000000 }}", "two numbers"),
        ("jinja2", "{{ '%1000000000d' % 1 }}", "two numbers"),
        ("jinja2", "{% set x = 9999999999 %}" + "{% set x = x * x %}" * 40, "300 digits"),
    ],
)
def test_growth_is_stopped(language: Any, source: str, limit: str) -> None:
    began = time.perf_counter()

    with pytest.raises(RenderError, match=limit):
        render(source, scope(customer={"long": "a" * 9000, "many": ["a" * 9000] * 200}), language=language)

    assert time.perf_counter() - began < 1.0


@pytest.mark.spec("8.11")
@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("liquid", "{% for a in (1..5000) %}{% endfor %}"),
        ("liquid", "{{ customer.first_name | upcase }}"),
        ("liquid", "{% assign x = 1 %}"),
        ("jinja2", "{% for a in range(5000) %}{% endfor %}"),
        ("jinja2", "{{ customer.first_name }}"),
        ("jinja2", "{% set x = customer.first_name | upper %}"),
    ],
)
def test_time_is_limited_wherever_work_is_done(monkeypatch: pytest.MonkeyPatch, language: Any, source: str) -> None:
    monkeypatch.setattr(limits, "SECONDS", -1.0)

    with pytest.raises(RenderError, match="longer than"):
        render(source, scope(), language=language)


@pytest.mark.spec("8.11")
@pytest.mark.parametrize("language", ["liquid", "jinja2"])
def test_a_source_that_is_too_long_is_not_rendered(language: Any) -> None:
    with pytest.raises(RenderError, match="500 kB"):
        render("x" * 500_001, scope(), language=language)


@pytest.mark.spec("8.11")
def test_a_plain_source_just_below_the_limit_is_rendered() -> None:
    assert 500_000 == len(render("x" * 500_000, scope()))


@pytest.mark.parametrize("piece", ["<a ", "<!--", "<script", "<a b='"])
def test_stripping_html_that_never_closes_takes_no_longer_than_any_other(piece: str) -> None:
    began = time.perf_counter()

    render("{{ customer.x | strip_html }}", scope(customer={"x": piece * (200_000 // len(piece)) + ">"}))

    assert time.perf_counter() - began < 1.0


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("liquid", "{{ customer.__class__ }}"),
        ("liquid", "{{ customer.keys }}"),
        ("jinja2", "{{ customer.__class__ }}"),
        ("jinja2", "{{ customer.keys }}"),
        ("jinja2", "{{ ''['__class__'] }}"),
        ("jinja2", "{{ customer.tags.append }}"),
        ("jinja2", "{% for x in customer.tags %}{{ loop.__init__ }}{% endfor %}"),
    ],
)
def test_python_is_out_of_reach(language: Any, source: str) -> None:
    with pytest.raises(RenderError):
        render(source, scope(), language=language)
