"""The one terminal that commands write to: results on standard output, everything else on standard error."""

from __future__ import annotations

from typing import Final

from rich.console import Console

OUT: Final = Console(highlight=False, soft_wrap=True)
"""Results: what a script would read."""

ERR: Final = Console(highlight=False, soft_wrap=True, stderr=True)
"""What a person reads meanwhile: progress, warnings, errors."""
