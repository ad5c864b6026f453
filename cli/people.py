"""`sojourn people`: everything known about one person, and what they triggered without entering."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from api.schemas.journeys import RefusalOut
from api.schemas.people import PersonOut
from cli import showing
from cli.client import Client, segment
from cli.journeys import print_refusals

app = typer.Typer(help="People: look.", no_args_is_help=True)

Identifier = Annotated[str, typer.Argument(metavar="PERSON", help="An id, an email, or cio_….")]


@app.command()
def show(identifier: Identifier, *, json: showing.Json = False) -> None:
    """Show a person: attributes, segments, devices, changes that failed."""
    with Client() as client:
        found = client.get(f"people/{segment(identifier)}", PersonOut)
    if json:
        showing.json(found)
        return
    lines = {
        "id": found.id and escape(found.id),
        "email": found.email and escape(found.email),
        "cio_id": f"cio_{found.cio_id}",
        "unsubscribed": "[yellow]yes[/]" if found.unsubscribed else "no",
        "known since": showing.at(found.created_at),
        "segments": ", ".join(escape(one.key) for one in found.segments) or "none",
    }
    lines |= {f"device {one.platform}": escape(one.token) for one in found.devices}
    showing.fields(lines)
    table = showing.table("attribute", "value")
    for name, value in sorted(found.attributes.items()):
        table.add_row(escape(name), showing.value(value))
    showing.rows(table, "No attributes.")
    if found.failed_changes:
        failed = showing.table("at (UTC)", "could not be changed", "")
        for one in found.failed_changes:
            failed.add_row(showing.at(one.at), escape(one.reason), showing.value(one.detail))
        showing.rows(failed, "")


@app.command()
def refusals(identifier: Identifier, *, limit: showing.Most = 50, json: showing.Json = False) -> None:
    """List what a person triggered without entering, and why; the latest first."""
    with Client() as client:
        found = list(client.items(f"people/{segment(identifier)}/refusals", RefusalOut, most=limit))
    print_refusals(found, json=json)
