"""What a Liquid template may read and print, and what stops it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.errors import RenderError
from engine.templates import render
from tests.engine.templates.builders import scope


@pytest.mark.spec("8.01")
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ customer.first_name }}", "Ada"),
        ("{{ customer.address.city }}", "Paris"),
        ("{{ customer['address']['city'] }}", "Paris"),
        ("{{ customer.tags[0] }}", "vip"),
        ("{{ customer.tags.size }}", "2"),
        ("{{ customer.logins }}", "0"),
    ],
)
def test_attributes_of_the_person(source: str, expected: str) -> None:
    assert expected == render(source, scope())


@pytest.mark.spec("8.01")
def test_attributes_are_those_of_each_rendering() -> None:
    source = "Hi {{ customer.first_name }}"

    assert "Hi Ada" == render(source, scope())
    assert "Hi Bob" == render(source, scope(customer={"first_name": "Bob"}))


@pytest.mark.spec("8.02")
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ event.price }} {{ event.product }} {{ event.color }}", "9.99 socks blue"),
        ("{{ event.items[0].name }}", "socks"),
        ("{{ event_name }}", "purchase"),
        ("{{ event_timestamp }}", "1715000000"),
        ('{{ event_timestamp | date: "%Y-%m-%d %H:%M" }}', "2024-05-06 12:53"),
    ],
)
def test_data_of_the_trigger_event(source: str, expected: str) -> None:
    assert expected == render(source, scope())


@pytest.mark.spec("8.04")
def test_campaign_message_layout_and_delivery() -> None:
    source = """
        {{- campaign.id }} {{ campaign.name }} {{ campaign.type }}|
        {{- message.id }} {{ message.name }} {{ message.type }} {{ message.subject }}|
        {{- layout.id }} {{ layout.name }}|{{ delivery_id -}}
    """

    rendered = render(source, scope(layout={"id": "plain", "name": "Plain"}))

    assert "receipts Receipts event|receipt Receipt email Your order|plain Plain|d1" == rendered


@pytest.mark.spec("8.04")
def test_a_layout_takes_the_content_as_it_is() -> None:
    assert "<main><p>Hi</p></main>" == render("<main>{{ content }}</main>", scope(content="<p>Hi</p>"), html=True)


@pytest.mark.spec("8.07")
@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("{{ customer.surname }}", "customer.surname"),
        ("{{ customer.plan }}", "customer.plan"),
        ("{{ customer.address.zip }}", "customer.address.zip"),
        ("{{ customer.address.geo.lat }}", "customer.address.geo.lat"),
        ("{{ customer.tags[7] }}", "customer.tags[7]"),
        ("{{ customer['home town'] }}", "customer['home town']"),
        ("{{ customer.surname | upcase }}", "customer.surname"),
        ("{{ customer.surname | size }}", "customer.surname"),
        ("{{ customer.surname | date: '%Y' }}", "customer.surname"),
        ("{{ 'Hi ' | append: customer.surname }}", "customer.surname"),
        ("{{ customer.first_name | truncate: customer.width }}", "customer.width"),
        ("{% assign name = customer.surname %}{{ name }}", "customer.surname"),
        ("{% assign name = customer.surname | upcase %}", "customer.surname"),
        ("{% capture name %}{{ customer.surname }}{% endcapture %}", "customer.surname"),
        ("{% echo customer.surname %}", "customer.surname"),
        ("{% for order in customer.orders %}{% endfor %}", "customer.orders"),
        ("{% for n in (1..customer.count) %}{% endfor %}", "customer.count"),
        ("{% for item in event.items %}{{ item.name }}{% endfor %}", "item.name"),
        ("{% if true %}{{ customer.surname }}{% endif %}", "customer.surname"),
        ("{{ event.items | map: 'name' | last }}", "the result of `last`"),
        ("{{ trigger.x }}", "trigger.x"),
    ],
)
def test_what_the_person_lacks_is_named(source: str, name: str) -> None:
    with pytest.raises(RenderError) as caught:
        render(source, scope())

    assert caught.value.message.startswith(f"{name} is missing")


@pytest.mark.spec("8.07")
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('{{ customer.surname | default: "friend" }}', "friend"),
        ('{{ customer.plan | default: "free" }}', "free"),
        ('{{ customer.nickname | default: "friend" }}', "friend"),
        ('{{ customer.logins | default: "never" }}', "0"),
        ('{{ customer.address.geo.lat | default: "?" }}', "?"),
        ("{{ customer.surname | default: customer.first_name | upcase }}", "ADA"),
        ("{% if customer.surname %}yes{% else %}no{% endif %}", "no"),
        ("{% if customer.address.geo.lat %}yes{% else %}no{% endif %}", "no"),
        ("{% unless customer.surname %}no{% endunless %}", "no"),
        ("{% if customer.plan == 'pro' %}yes{% elsif customer.age > 17 %}yes{% else %}no{% endif %}", "no"),
        ("{% if customer.plan != 'pro' %}no{% endif %}", "no"),
        ("{% if customer.orders contains 'x' %}yes{% else %}no{% endif %}", "no"),
        ("{% if customer.surname == nil %}no{% endif %}", "no"),
        ("{% if customer.surname == blank %}no{% endif %}", "no"),
        ("{% if customer.surname != blank %}yes{% else %}no{% endif %}", "no"),
        ("{% if customer.first_name != blank %}yes{% endif %}", "yes"),
        ("{% if blank == customer.plan %}no{% endif %}", "no"),
        ("{% if customer.orders == empty %}no{% endif %}", "no"),
        ("{% case customer.plan %}{% when 'pro' %}yes{% else %}no{% endcase %}", "no"),
        ("{% assign name = customer.surname %}{{ name | default: 'friend' }}", "friend"),
        ("{% if customer.surname %}{{ customer.surname }}{% endif %}!", "!"),
    ],
)
def test_testing_or_replacing_what_is_missing_is_no_error(source: str, expected: str) -> None:
    assert expected == render(source, scope())


def test_an_empty_text_is_a_value() -> None:
    assert "||" == render("|{{ customer.nickname }}|", scope())


def test_a_missing_variable_is_found_by_its_line() -> None:
    with pytest.raises(RenderError, match=r"^Line 3: customer\.surname is missing: add"):
        render("Hi\n\n{{ customer.surname }}", scope())


def test_a_very_long_name_is_cut_short() -> None:
    with pytest.raises(RenderError) as caught:
        render("{{ customer" + ".x" * 10_000 + " }}", scope())

    assert len(caught.value.message) < 500


@pytest.mark.spec("1.95")
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("|{{ customer.first_name }}|", "||"),
        ("|{{ customer.address.city | upcase }}|", "||"),
        ("{% if customer.first_name %}yes{% else %}no{% endif %}", "no"),
        ("{{ customer.first_name | default: 'nobody' }}", "nobody"),
        ("{{ trigger.items[0].sku }}", "a1"),
    ],
)
def test_in_a_data_campaign_the_person_is_empty(source: str, expected: str) -> None:
    assert expected == render(source, scope(customer=None, trigger={"items": [{"sku": "a1"}]}))


@pytest.mark.spec("8.11")
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ customer.tags[1] }}", "b&lt;2"),
        ("{{ customer.tags[1] | upcase }}", "B&lt;2"),
        ("{{ customer.tags | join: ' & ' }}", "vip & b&lt;2"),
        ("{{ '<b>' }}{{ customer.tags[1] | prepend: '<b>' }}", "<b><b>b&lt;2"),
        ("{{ customer.tags[1] | safe }}", "b<2"),
        ("{{ customer.tags[1] | escape }}", "b&lt;2"),
    ],
)
def test_values_are_escaped_in_email_bodies(source: str, expected: str) -> None:
    assert expected == render(source, scope(), html=True)


def test_values_are_not_escaped_in_subjects() -> None:
    assert "b<2" == render("{{ customer.tags[1] }}", scope())


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ now | date: '%Y-%m-%d %H:%M' }}", "2024-05-06 22:30"),
        ("{{ 'now' | date: '%Y-%m-%d %H:%M' }}", "2024-05-06 22:30"),
        ("{{ 'today' | date: '%d' }}", "06"),
        ("{{ today }}", "2024-05-06"),
        ("{{ now | date: '%H:%M', 'Asia/Tokyo' }}", "07:30"),
        ("{{ '2024-02-29' | date: '%-d %B' }}", "29 February"),
        ("{{ '2024-02-29T23:00:00-02:00' | date: '%d %H' }}", "01 01"),
        ("{{ 0 | date: '%Y' }}", "1970"),
        ("{{ 'soon' | date: '%Y' }}", "soon"),
    ],
)
def test_dates_come_from_the_scope_and_are_utc(source: str, expected: str) -> None:
    assert expected == render(source, scope())


def test_now_is_the_scopes_now() -> None:
    other = datetime(2031, 1, 1, tzinfo=UTC)

    assert "2031" == render("{{ 'now' | date: '%Y' }}", scope(now=other))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ customer.tags | json }}", '["vip", "b<2"]'),
        ("{{ '<p>Hi <b>you</b></p><script>x</script>' | strip_html }}", "Hi you"),
        ("{{ event.price | times: 2 | round: 1 }}", "20.0"),
        ("{% for item in event.items limit: 1 %}{{ forloop.index }}{{ item.name }}{% endfor %}", "1socks"),
        ("{% for a in (1..2) %}{% for b in (1..2) %}{{ a }}{{ b }} {% endfor %}{% endfor %}", "11 12 21 22 "),
    ],
)
def test_filters_and_loops_of_liquid(source: str, expected: str) -> None:
    assert expected == render(source, scope())


def test_a_table_of_liquid() -> None:
    rendered = render("{% tablerow tag in customer.tags cols: 2 %}{{ tag }}{% endtablerow %}", scope())

    assert '<tr class="row1">\n<td class="col1">vip</td><td class="col2">b<2</td></tr>\n' == rendered


@pytest.mark.parametrize(
    "source",
    [
        "{{ 1 | divided_by: 0 }}",
        "{{ 'now' | date: '%Y', 'Mars/Olympus' }}",
        "{{ customer.tags | where }}",
        "{% if customer.tags > 3 %}{% endif %}",
        "{{ customer.first_name | date }}",
    ],
)
def test_whatever_fails_while_rendering_is_a_render_error(source: str) -> None:
    with pytest.raises(RenderError):
        render(source, scope())


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, "1e999999", "9" * 5000, {"a": [None]}, True])
@pytest.mark.parametrize("filter_name", ["round", "times: 2", "date: '%Y'", "json", "ceil", "split: ','", "sort"])
def test_strange_values_fail_the_message_and_nothing_else(value: Any, filter_name: str) -> None:
    try:
        rendered = render(f"{{{{ customer.x | {filter_name} }}}}", scope(customer={"x": value}))
    except RenderError:
        return
    assert isinstance(rendered, str)
