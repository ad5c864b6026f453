"""What a process must be told, read once from the environment, so that a typing mistake stops it before it serves.

Every setting is a variable `SOJOURN_<NAME>`; docs/settings.md describes each, and a test compares the two. Entry points
call `load` and pass the result down; nothing else reads the environment.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from engine import names
from engine.errors import ConfigurationError
from runtime.wording import sentence

PREFIX: Final = "SOJOURN_"

OF_COMMANDS: Final = frozenset({"SOJOURN_API_URL", "SOJOURN_APP_KEY"})
"""Variables that the management commands read (`cli/client.py`). They are no settings of a process, and no mistake."""

_PUBLIC_URL: Final = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?")
"""Nothing in it has a meaning in HTML, where links to it are written."""

Port = Annotated[int, Field(ge=1, le=65535)]


def _temporal(name: str) -> AliasChoices:
    """Temporal's own tools read these without our prefix; an operator who has set them should not have to repeat it."""
    return AliasChoices(f"{PREFIX}TEMPORAL_{name}", f"TEMPORAL_{name}")


class Settings(BaseSettings):
    """All settings of all processes. Frozen; the defaults are those of production."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, populate_by_name=True, env_ignore_empty=True)

    database_url: str = Field(repr=False)
    """`postgresql://user:password@host:port/database` of the record."""
    database_pool_min: int = Field(default=2, ge=1)
    database_pool_max: int = Field(default=10, ge=1)

    temporal_address: str = Field(default="127.0.0.1:7233", validation_alias=_temporal("ADDRESS"))
    temporal_namespace: str = Field(default="default", validation_alias=_temporal("NAMESPACE"))
    temporal_api_key: SecretStr | None = Field(default=None, validation_alias=_temporal("API_KEY"))
    temporal_tls: bool = Field(default=False, validation_alias=_temporal("TLS"))
    temporal_tls_ca_file: Path | None = None
    temporal_tls_certificate_file: Path | None = None
    temporal_tls_key_file: Path | None = None
    task_queue: str = names.JOURNEYS_QUEUE

    environment: Literal["development", "production"] = "production"
    """Production refuses well-known keys and passwords."""

    host: str = "127.0.0.1"
    port: Port = 8000

    smtp_host: str = "127.0.0.1"
    smtp_port: Port = 587
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["none", "starttls", "tls"] = "starttls"
    email_from: str | None = None
    """Sender of messages whose campaign names none, e.g. `Shop <news@shop.example>`."""
    public_url: str | None = None
    """Where recipients of messages reach the API, e.g. `https://campaigns.example.com`; None tracks no message."""

    webhook_deny_private: bool = False
    """Keep webhooks from reaching hosts that are not on the public internet."""

    facebook_app_secret: SecretStr | None = None
    """Signs what Facebook's webhook sends. With the next two, leads of Lead Ads come in as submissions."""
    facebook_verify_token: SecretStr | None = None
    """What Facebook shows at the handshake; the operator types it into the app's page."""
    facebook_page_access_token: SecretStr | None = None
    """Opens the leads of the page."""
    facebook_graph_url: str = "https://graph.facebook.com/v24.0"

    event_retention_days: int | None = Field(default=None, ge=1)
    """How long events are kept; None keeps them for ever."""
    refusal_retention_days: int = Field(default=90, ge=30)
    """How long is kept who was refused, and why. Not less: a date that was refused must not be decided a second time
    when its campaign's days are moved by an edit (behaviour 1.69)."""

    sandbox: bool = False
    """Run workflow code in the SDK's sandbox. It finds mistakes in workflow code and costs CPU at every wake."""
    max_cached_workflows: int = Field(default=1000, ge=1)
    max_concurrent_activities: int = Field(default=100, ge=1)
    dispatch_concurrency: int = Field(default=30, ge=1)
    """How many starts and signals are on their way to Temporal at once."""

    log_format: Literal["json", "text"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    metrics_port: Port | None = None
    """Where intake and worker offer their numbers to Prometheus; None offers none. The API does so on its own port."""
    temporal_metrics_port: Port | None = None
    """Port of the Temporal SDK's Prometheus endpoint; None offers none."""

    @field_validator("database_url")
    @classmethod
    def _is_postgres(cls, value: str) -> str:
        if not value.startswith(("postgresql://", "postgres://")):
            raise ValueError("must look like postgresql://user:password@host:5432/database")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_public(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not _PUBLIC_URL.fullmatch(value):
            raise ValueError("must look like https://campaigns.example.com, and may have a path")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _is_facebook_whole(self) -> Self:
        wanted = ("facebook_app_secret", "facebook_verify_token", "facebook_page_access_token")
        missing = [variable(name) for name in wanted if getattr(self, name) is None]
        if 0 < len(missing) < len(wanted):
            verb = "is" if len(missing) == 1 else "are"
            raise ValueError(f"{' and '.join(missing)} {verb} not set. Leads of Facebook need all three, or none.")
        return self


def load() -> Settings:
    """Read the settings of this process from its environment.

    Raises ConfigurationError with a line for every variable that is unknown, missing or cannot work.
    """
    known = variables()
    set_here = os.environ.keys() - OF_COMMANDS
    unknown = [name for name in sorted(set_here) if name.startswith(PREFIX) and name not in known]
    if unknown:
        raise ConfigurationError("\n".join(_about_unknown(name, known) for name in unknown))
    try:
        return Settings()
    except ValidationError as error:
        raise ConfigurationError("\n".join(_about(fault) for fault in error.errors())) from None


def variables() -> dict[str, str]:
    """Return every variable that is read, with the name of its setting."""
    known: dict[str, str] = {}
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        choices = alias.choices if isinstance(alias, AliasChoices) else [PREFIX + name.upper()]
        known |= {str(choice): name for choice in choices}
    return known


def variable(setting: str) -> str:
    """Return the variable to tell an operator about: `port` is SOJOURN_PORT."""
    return PREFIX + setting.upper()


def _about_unknown(name: str, known: Mapping[str, str]) -> str:
    close = get_close_matches(name, known, n=1)
    remedy = f"Did you mean {close[0]}?" if close else "docs/settings.md lists what there is."
    return f"{name} is set, but there is no such setting. {remedy}"


def _about(fault: ErrorDetails) -> str:
    if not fault["loc"]:  # several settings that do not fit together
        return sentence(fault["msg"])
    place = str(fault["loc"][0])
    name = place if place.isupper() else variable(place)
    if fault["type"] == "missing":
        return f"{name} is not set. docs/settings.md says what it holds."
    return f"{name}: {sentence(fault['msg'])}"
