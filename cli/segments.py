"""`sojourn segments`: who is meant, saved as documents and looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from api.schemas.lists import PersonName
from api.schemas.segments import MemberOut, SegmentInUse, SegmentOut
from cli import applying, documents, showing
from cli.client import Client, segment
from cli.console import OUT

app = typer.Typer(help="Segments: save, look.", no_args_is_help=True)

Key = Annotated[str, typer.Argument(help="The segment's key.")]


@app.command()
def apply(
    paths: Annotated[list[Path], typer.Argument(help="YAML or JSON documents, or folders of them.")],
    *,
    json: showing.Json = False,
) -> None:
    """Save documents; the same as `sojourn campaigns apply`, which takes segments too."""
    with showing.faults_listed():
        found = documents.files(paths)
    applying.apply(found, json=json)


@app.command(name="list")
def list_(*, limit: showing.Most = 1000, json: showing.Json = False) -> None:
    """List every segment, with how many people are in it."""
    with Client() as client:
        found = list(client.items("segments", SegmentOut, most=limit))
    if json:
        showing.json(found)
        return
    table = showing.table("key", "name", "state", "members")
    for one in found:
        table.add_row(one.key, escape(one.name), showing.state(one.state), _members(one))
    showing.rows(table, "There is no segment yet. Save one with `sojourn segments apply FILE`.")


@app.command()
def show(key: Key, *, json: showing.Json = False) -> None:
    """Show a segment and what it asks."""
    with Client() as client:
        found = client.get(f"segments/{segment(key)}", SegmentInUse)
    if json:
        showing.json(found)
        return
    showing.fields(
        {
            "segment": f"[bold]{escape(found.name)}[/]",
            "description": escape(found.description) or None,
            "state": showing.state(found.state),
            "version": str(found.version),
            "members": _members(found),
            "used by": ", ".join(escape(one.key) for one in found.used_by) or "no campaign",
            "condition": showing.value(found.condition),
        }
    )


@app.command()
def members(key: Key, *, limit: showing.Most = 50, json: showing.Json = False) -> None:
    """List the people in a segment."""
    with Client() as client:
        found = list(client.items(f"segments/{segment(key)}/members", MemberOut, most=limit))
    if json:
        showing.json(found)
        return
    for one in found:
        named = PersonName(id=one.id, email=one.email, cio_id=one.cio_id)
        OUT.print(f"{showing.person(named)}  [dim]since {showing.at(one.since)}[/]")


def _members(found: SegmentOut) -> str:
    return f"{found.members}{' or more' if found.members_at_least else ''}"
