"""A stack for development must open without asking anybody for a key, so its key is known to all."""

from __future__ import annotations

from typing import Final

DEVELOPMENT_SECRET: Final = "dev"  # noqa: S105 - well known on purpose; production refuses to start with it
"""Site id and API key of the Track API, and key of the App API, of a development stack."""
