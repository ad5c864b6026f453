"""`sojourn events`: what happened lately, and the condition that asks for each value in it (behaviour 1.36)."""

from __future__ import annotations

from typing import Annotated, Final

import typer
from rich.markup import escape

from api.schemas.events import EventDetail, EventOut
from api.schemas.lists import Listing
from cli import showing
from cli.client import Client
from cli.console import OUT
from engine.errors import InputError

_PAGES: Final = 20
"""Each looks at some thousands of events."""

app = typer.Typer(help="Events: look at recent ones.", no_args_is_help=True)


@app.command()
def recent(
    name: Annotated[str | None, typer.Argument(help="Only events of this name; without it, all.")] = None,
    *,
    page: Annotated[bool, typer.Option("--page", help="Page views; the name is the address.")] = False,
    screen: Annotated[bool, typer.Option("--screen", help="Screen views.")] = False,
    form: Annotated[bool, typer.Option("--form", help="Submissions; the name is the form's id.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many.")] = 10,
    json: showing.Json = False,
) -> None:
    """List what happened, the latest heard of first; `sojourn events show` takes one apart."""
    kinds = [kind for kind, asked in {"page": page, "screen": screen, "form": form}.items() if asked]
    if len(kinds) > 1:
        raise InputError("", "An event is of one kind.", "Use one of --page, --screen and --form.")
    kind = kinds[0] if kinds else "event" if name is not None else None
    with Client() as client:
        found = _latest(client, limit, kind=kind, name=name)
    if json:
        showing.json(found)
        return
    table = showing.table("event", "received (UTC)", "name", "person", "data")
    for one in found:
        who = escape(f"anonymous {one.anonymous_id}") if one.person.cio_id is None else showing.person(one.person)
        said = escape(one.name if one.kind == "event" else f"{one.kind} {one.name}")
        table.add_row(str(one.id), showing.at(one.received_at), said, who, showing.value(one.data))
    showing.rows(table, "Nothing of that kind happened lately.")


def _latest(client: Client, most: int, *, kind: str | None, name: str | None) -> list[EventOut]:
    """Return the latest events, and give up looking for more after so many pages: what is rare may be years old."""
    found: list[EventOut] = []
    cursor: str | None = None
    for _ in range(_PAGES):
        page = client.get("events", Listing[EventOut], kind=kind, name=name, cursor=cursor, limit=min(most, 200))
        found += page.items
        cursor = page.next
        if cursor is None or len(found) >= most:
            break
    return found[:most]


@app.command()
def show(
    event: Annotated[int, typer.Argument(help="Its number, as `sojourn events recent` shows it.")],
    *,
    json: showing.Json = False,
) -> None:
    """Show an event and, for each value in its data, the condition for the `where` of a trigger."""
    with Client() as client:
        found = client.get(f"events/{event}", EventDetail)
    if json:
        showing.json(found)
        return
    showing.fields(
        {
            found.kind: f"[bold]{escape(found.name)}[/]",
            "happened": showing.at(found.occurred_at),
            "received": showing.at(found.received_at),
            "person": None if found.person.cio_id is None else showing.person(found.person),
            "anonymous": found.anonymous_id and escape(found.anonymous_id),
        }
    )
    OUT.print()
    table = showing.table("path", "value", "as a filter")
    for leaf in found.leaves:
        said = "" if leaf.as_filter is None else showing.value(leaf.as_filter)
        table.add_row(escape(leaf.path), showing.value(leaf.value), said)
    showing.rows(table, "It has no data.")
