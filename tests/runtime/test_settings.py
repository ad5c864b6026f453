"""What a process is told: every mistake is found, named, and found before the process does anything."""

from __future__ import annotations

import os

import pytest
from pydantic import ValidationError

from engine.errors import ConfigurationError
from runtime.settings import load, variables

URL = "postgresql://sojourn:s3cret@db.example/sojourn"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Nothing of ours is set but the one thing that must be."""
    for name in [*variables(), *(name for name in os.environ if name.startswith("SOJOURN_"))]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SOJOURN_DATABASE_URL", URL)
    return monkeypatch


def refused() -> str:
    with pytest.raises(ConfigurationError) as refusal:
        load()
    return refusal.value.message


def test_only_the_database_has_to_be_named() -> None:
    settings = load()

    assert URL == settings.database_url
    assert "production" == settings.environment


def test_a_missing_database_is_named_by_its_variable(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("SOJOURN_DATABASE_URL")

    assert "SOJOURN_DATABASE_URL is not set. docs/settings.md says what it holds." == refused()


def test_a_mistyped_variable_is_refused_with_the_one_that_was_meant(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SOJOURN_SMPT_HOST", "mail.example")

    assert "SOJOURN_SMPT_HOST is set, but there is no such setting. Did you mean SOJOURN_SMTP_HOST?" == refused()


def test_every_unusable_value_is_named_and_none_is_shown(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SOJOURN_PORT", "eighty")
    environment.setenv("SOJOURN_DATABASE_URL", "mysql://sojourn:s3cret@db.example")

    message = refused()

    assert ["SOJOURN_DATABASE_URL", "SOJOURN_PORT"] == [line.partition(":")[0] for line in message.splitlines()]
    assert "s3cret" not in message


def test_temporal_is_found_by_the_variables_of_its_own_tools(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TEMPORAL_ADDRESS", "temporal.example:7233")
    environment.setenv("TEMPORAL_NAMESPACE", "shop")

    settings = load()

    assert ("temporal.example:7233", "shop") == (settings.temporal_address, settings.temporal_namespace)


def test_a_variable_of_ours_wins_over_one_of_temporals(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TEMPORAL_ADDRESS", "theirs:7233")
    environment.setenv("SOJOURN_TEMPORAL_ADDRESS", "ours:7233")

    assert "ours:7233" == load().temporal_address


def test_an_empty_variable_is_one_that_is_not_set(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SOJOURN_SMTP_USERNAME", "")

    assert load().smtp_username is None


def test_the_public_address_has_no_slash_at_its_end(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SOJOURN_PUBLIC_URL", "https://go.shop.example:8443/mail/")

    assert "https://go.shop.example:8443/mail" == load().public_url


@pytest.mark.parametrize(
    "url", ["go.shop.example", "ftp://go.shop.example", "https://", "https://x.example/?a=1", 'https://x.example/">']
)
def test_a_public_address_is_one_that_can_stand_in_a_link(environment: pytest.MonkeyPatch, url: str) -> None:
    environment.setenv("SOJOURN_PUBLIC_URL", url)

    assert refused().startswith("SOJOURN_PUBLIC_URL: ")


def test_passwords_do_not_show_in_the_text_form(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SOJOURN_SMTP_PASSWORD", "s3cret")

    assert "s3cret" not in repr(load())


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        load().port = 1  # type: ignore[misc]


def test_facebook_is_set_up_whole_or_not_at_all(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SOJOURN_FACEBOOK_APP_SECRET", "s")
    environment.setenv("SOJOURN_FACEBOOK_VERIFY_TOKEN", "t")
    told = refused()

    environment.setenv("SOJOURN_FACEBOOK_PAGE_ACCESS_TOKEN", "p")

    assert "SOJOURN_FACEBOOK_PAGE_ACCESS_TOKEN is not set." in told
    assert load().facebook_page_access_token is not None
