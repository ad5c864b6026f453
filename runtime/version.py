"""Which release this is. Written here, because a checkout that was never installed has no metadata to ask."""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.1.0"
"""As in pyproject.toml."""
