"""Every guarded change of workflow code: what it is called, since when, why, and from when on it can go.

A journey may be asleep for months and must replay with the code of today. A change in the order or kind of commands is
written as `if workflow.patched(NAME)`, and the name is listed here. It can go when the longest campaign plus Temporal's
retention has passed: first to `workflow.deprecate_patch`, then away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Patch:
    """One guarded change."""

    name: str
    since: date
    reason: str
    removable: date


PATCHES: Final[tuple[Patch, ...]] = ()
