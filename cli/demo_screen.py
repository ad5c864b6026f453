"""Who is where and which messages went out, live in a terminal; without one, a line for each thing that happens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Self

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from cli.demo_record import Json, Person

_MARKS: Final = {
    **dict.fromkeys(("sent", "opened", "clicked"), "[green]✉[/]"),
    "failed": "[red]✗[/]",
    "unknown": "[yellow]?[/]",
}


class Screen:
    """Shows people as they are now. Use as a context manager."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None
        self._said: set[str] = set()

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def show(self, people: Sequence[Person], status: str) -> None:
        """Show everybody who has come so far, and a line on how far things are."""
        if self._live:
            self._live.update(_table(people, status), refresh=True)
            return
        for person in people:
            for line in (*(_sentence(person, one) for one in person.journeys), *map(_posted, person.deliveries)):
                if line not in self._said:
                    self._said.add(line)
                    self._console.print(line, markup=False)


def _table(people: Sequence[Person], status: str) -> Table:
    table = Table(
        "person", "where", "messages", title="The shop today", caption=status, title_justify="left", expand=True
    )
    for person in people:
        where = [_where(journey) for journey in reversed(person.journeys)]
        messages = [
            f"{_MARKS.get(one['state'], '·')} {escape(one['subject'] or one['block'])}" for one in person.deliveries
        ]
        table.add_row(_name(person), "\n".join(where) or "[dim]nowhere[/]", "\n".join(reversed(messages)))
    return table


def _name(person: Person) -> str:
    return re.split("[-.]", person.id, maxsplit=1)[0].title()  # ada-1, or ada.1@example.com


def _where(journey: Json) -> str:
    campaign = escape(journey["campaign"]["name"])
    if journey["state"] == "finished":
        return f"[dim]{campaign}: finished[/]"
    if journey["state"] == "exited":
        return f"[dim]{campaign}: left ({journey['exit_reason']})[/]"
    return f"[bold]{campaign}[/]: {escape(journey['doing'] or journey['state'])}"


def _sentence(person: Person, journey: Json) -> str:
    return f"{_name(person)} · {Text.from_markup(_where(journey)).plain}"


def _posted(delivery: Json) -> str:
    return f"{delivery['state']} to {delivery['recipient']}: {delivery['subject'] or delivery['block']}"
