from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from engine.steps.webhook_content import WebhookContent, masked, values_in

SECRET = "s3cr3t"


def content(**fields: Any) -> WebhookContent:
    url = f"https://ada:{SECRET}@crm.example:8443/people?page=2&api_key={SECRET}&Token={SECRET}"
    headers = {"Authorization": f"Bearer {SECRET}", "X-Api-Key": SECRET, "Cookie": SECRET, "Content-Type": "text/plain"}
    return WebhookContent(**{"method": "POST", "url": url, "headers": headers, "idempotency_key": "d1"} | fields)


def test_lists_show_host_and_path_and_no_secret() -> None:
    assert ("https://crm.example:8443/people", "POST", None) == (
        content().recipient,
        content().subject,
        content().address,
    )


def test_what_is_shown_has_no_secret_in_it() -> None:
    shown = masked(asdict(content(body="hello")))

    assert SECRET not in repr(shown)
    assert "https://***@crm.example:8443/people?page=2&api_key=***&Token=***" == shown["url"]
    assert "text/plain" == shown["headers"]["Content-Type"]
    assert ("hello", "d1") == (shown["body"], shown["idempotency_key"])


def test_what_hides_nothing_is_shown_as_it_is() -> None:
    plain = asdict(content(url="https://crm.example/a?b=c", headers={"Accept": "*/*"}))

    assert plain == masked(plain)


@pytest.mark.spec("6.40")
@pytest.mark.parametrize(
    ("answer", "values"),
    [
        ({"data": {"id": 7, "tags": ["a"]}}, {"crm_id": 7, "tags": ["a"]}),
        ({"data": {"id": None}}, {}),
        ({"data": []}, {}),
        ([1], {}),
        (None, {}),
        ("text", {}),
    ],
)
def test_values_are_found_where_the_answer_has_them(answer: Any, values: dict[str, Any]) -> None:
    assert values == values_in(answer, {"crm_id": "data.id", "tags": "data.tags"})
