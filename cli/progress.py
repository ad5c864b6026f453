"""Starting takes seconds, and a person must see what takes them: a line per part, with a spinner until it is there.

Without a terminal (in a log, in CI) each part is a plain line when it is done.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from cli.console import ERR


class Progress:
    """The parts of a start-up, each shown as under way, done or failed. Use as a context manager."""

    def __init__(self, console: Console = ERR) -> None:
        self._console = console
        self._parts: dict[str, Spinner | Text] = {}
        self._live = (
            Live(get_renderable=self._render, console=console, refresh_per_second=12) if console.is_terminal else None
        )

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Show a part for as long as the block runs, and then how long it took."""
        began = time.monotonic()
        self._parts[name] = Spinner("dots", Text(name))
        try:
            yield
        except BaseException:
            self._finish(name, Text(f"✗ {name}", style="red"))
            raise
        self._finish(name, Text.assemble(("✓ ", "green"), name, (f"  {time.monotonic() - began:.1f} s", "dim")))

    def _finish(self, name: str, line: Text) -> None:
        self._parts[name] = line
        if self._live is None:
            self._console.print(line)

    def _render(self) -> Table:
        grid = Table.grid()
        for line in self._parts.values():
            grid.add_row(line)
        return grid
