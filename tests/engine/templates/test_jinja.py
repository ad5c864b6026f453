"""Jinja2 templates read the same data with the same strictness."""

from __future__ import annotations

import pytest

from engine.errors import RenderError
from engine.templates import render
from engine.templates.scope import Scope
from tests.engine.templates.builders import scope


def rendered(source: str, values: Scope | None = None, *, html: bool = False) -> str:
    return render(source, values or scope(), language="jinja2", html=html)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ customer.first_name }}, {{ customer['address'].city }}", "Ada, Paris"),
        ("{{ event.price }} {{ event.items[0].name }} {{ event_name }}", "9.99 socks purchase"),
        ("{{ campaign.name }} {{ message.subject }} {{ delivery_id }}", "Receipts Your order d1"),
        ("{{ now | date('%H:%M', 'Asia/Tokyo') }} {{ 'now' | date('%Y') }}", "07:30 2024"),
        (
            "{% for tag in customer.tags %}{{ loop.index }}{{ tag }}{% if not loop.last %}, {% endif %}{% endfor %}",
            "1vip, 2b<2",
        ),
        ("{% for name, value in customer.address | dictsort %}{{ name }} {% endfor %}", "city zip "),
        ("{{ customer.tags | join(' + ') | upper }}", "VIP + B<2"),
        ("{{ 1 + 2 * 3 }}{{ 'a' ~ 1 ~ 'b' }}{{ 7 % 4 }}{{ 2.567 | round(1) }}", "7a1b32.6"),
        ("{% set name = customer.first_name %}{{ name }}{% if name in ['Ada', 'Bob'] %}!{% endif %}", "Ada!"),
        ("{{ '<p>Hi</p>' | striptags }}\n", "Hi\n"),
        ("|{{ customer.nickname }}|", "||"),
    ],
)
def test_the_same_data_in_another_language(source: str, expected: str) -> None:
    assert expected == rendered(source)


@pytest.mark.spec("8.07")
@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("{{ customer.surname }}", "customer.surname"),
        ("{{ customer.plan }}", "customer.plan"),
        ("{{ customer.address.geo.lat }}", "customer.address.geo.lat"),
        ("{{ customer.surname | upper }}", "customer.surname"),
        ("{{ customer.surname | length }}", "customer.surname"),
        ("{{ customer.surname | date('%Y') }}", "customer.surname"),
        ("{{ 'Hi ' ~ customer.surname }}", "customer.surname"),
        ("{{ 'Hi ' + customer.surname }}", "customer.surname"),
        ("{% for order in customer.orders %}{% endfor %}", "customer.orders"),
        ("{{ trigger.x }}", "trigger.x"),
        ("{{ content }}", "content"),
    ],
)
def test_what_the_person_lacks_is_named(source: str, name: str) -> None:
    with pytest.raises(RenderError) as caught:
        rendered(source)

    assert caught.value.message.startswith(f"{name} is missing")


@pytest.mark.spec("8.07")
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ customer.surname | default('friend') }}", "friend"),
        ("{{ customer.address.geo.lat | default('?') }}", "?"),
        ("{{ customer.surname or 'friend' }}", "friend"),
        ("{% if customer.surname %}yes{% else %}no{% endif %}", "no"),
        ("{% if customer.address.geo.lat %}yes{% else %}no{% endif %}", "no"),
        (
            "{% if customer.plan == 'pro' or customer.age > 17 or 'x' in customer.orders %}yes{% else %}no{% endif %}",
            "no",
        ),
        ("{% if customer.surname is defined %}yes{% else %}no{% endif %}", "no"),
        ("{% if customer.surname == none %}no{% endif %}", "no"),
    ],
)
def test_testing_or_replacing_what_is_missing_is_no_error(source: str, expected: str) -> None:
    assert expected == rendered(source)


@pytest.mark.spec("1.95")
def test_in_a_data_campaign_the_person_is_empty() -> None:
    values = scope(customer=None, trigger={"sku": "a1"})

    assert "||a1" == rendered("|{{ customer.address.city }}|{{ trigger.sku }}", values)


@pytest.mark.spec("8.11")
def test_values_are_escaped_in_email_bodies() -> None:
    assert "b&lt;2 b<2" == rendered("{{ customer.tags[1] }} {{ customer.tags[1] | safe }}", html=True)


def test_a_layout_takes_the_content_as_it_is() -> None:
    assert "<p>Hi</p>" == rendered("{{ content }}", scope(content="<p>Hi</p>"), html=True)
