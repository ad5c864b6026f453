"""No template may hold up or fill the process that sends for everybody else (behaviour 8.11).

There is no way to interrupt Python code that is busy, so the time limit is kept at every place where a template can
go round or do much work: each round of a loop, each filter, each piece of output. Between two such places the work is
bounded by the sizes below.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeVar

from engine.errors import RenderError

Item = TypeVar("Item")

SOURCE_BYTES: Final = 500_000  # several times the largest email that mail programs show in full (about 100 kB)
OUTPUT_BYTES: Final = 1_000_000  # what the source may grow to; providers refuse messages not much larger
SECONDS: Final = 1.0  # hundreds of times what a large template needs; a send activity has room for it
ROUNDS: Final = 10_000  # of all loops of one template together
ITEMS: Final = 5_000  # of one list; `uniq` compares every item with every other, in 0.2 s at this size
MADE: Final = 10_000_000  # characters and items that the filters of one Jinja template make; nothing is freed meanwhile
DIGITS: Final = 300  # of a whole number: what a floating-point number can still hold


class Budget:
    """What one rendering may still spend."""

    __slots__ = ("_made", "_rounds", "_until")

    def __init__(self) -> None:
        self._made = MADE
        self._rounds = ROUNDS
        self._until = time.monotonic() + SECONDS  # a stopwatch, not a clock: no rule depends on the hour

    def check_time(self) -> None:
        """Raise RenderError if the rendering has taken too long."""
        if time.monotonic() > self._until:
            raise RenderError(f"the template took longer than {SECONDS:g} s to render")

    def rounds(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items again, each of them paid for."""
        for item in items:
            self._rounds -= 1
            if self._rounds < 0:
                raise RenderError(f"the loops of the template go round more than {ROUNDS} times")
            self.check_time()
            yield item

    def pay(self, value: object) -> None:
        """Pay for what was made on the way; raise RenderError if it is too much altogether."""
        self._made -= len(value) if isinstance(value, (str, list, tuple, Mapping)) else 0
        if self._made < 0:
            raise RenderError(f"the filters of the template make more than {MADE} characters")

    def paid(self, items: Iterator[Item]) -> Iterator[Item]:
        """The items again, paid for as they are made."""
        for item in items:
            self.pay(item)
            yield item


def refuse_size(value: object) -> None:
    """Raise RenderError if a value is larger than any step of a template may make it."""
    if isinstance(value, str):
        if len(value) > OUTPUT_BYTES:
            raise RenderError(f"a text in the template grows beyond {OUTPUT_BYTES} characters")
    elif isinstance(value, range):
        if (value.stop - value.start) // value.step > ITEMS:  # len() of a very large range is an error of its own
            raise RenderError(f"a range in the template has more than {ITEMS} items")
    elif isinstance(value, (list, tuple)):
        if len(value) > ITEMS:
            raise RenderError(f"a list in the template has more than {ITEMS} items")
    elif isinstance(value, int) and abs(value) >= 10**DIGITS:
        raise RenderError(f"a number in the template has more than {DIGITS} digits")


def refuse_growth(filter_name: str, value: object, arguments: tuple[object, ...]) -> None:
    """Raise RenderError before a filter whose result can be the product of its inputs makes a product too large."""
    size = 0
    if filter_name == "replace" and len(arguments) > 1:
        size = str(value).count(str(arguments[0])) * len(str(arguments[1]))
    elif filter_name == "join" and isinstance(value, (list, tuple, range)):
        size = sum(len(str(item)) for item in value) + len(value) * len(str(arguments[0] if arguments else ""))
    if size > OUTPUT_BYTES:
        raise RenderError(f"`{filter_name}` makes a text of more than {OUTPUT_BYTES} characters")


def refuse_output(size: int) -> None:
    """Raise RenderError if a rendering has written more bytes than it may."""
    if size > OUTPUT_BYTES:
        raise RenderError(f"the template renders to more than {OUTPUT_BYTES // 1000} kB")
