"""A template may be faultless and still ask for what its campaign never has: so it tells what it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """The names that a template reads, as `customer` of `customer.first_name`."""

    lines: Mapping[str, int | None]
    """Name to the first line with it; None where the template has one line, or nobody can say."""
    printed: AbstractSet[str]
    """Those of them without which the template cannot be rendered for anybody: they are printed, and neither tested nor
    given a default before. What stands inside a tag may never be reached, and does not count."""
