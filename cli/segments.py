"""`sojourn segments`: who is meant, saved as documents and looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from api.schemas.lists import PersonName
from api.schemas.previews import PreviewOut, TruthOut
from api.schemas.segments import MemberOut, SegmentInUse, SegmentOut, SegmentState
from cli import applying, checking, documents, showing
from cli.client import Client, segment
from cli.console import OUT
from cli.members import add, clear, import_, remove
from engine import conditions
from engine.errors import DocumentError
from engine.segments import read_condition

app = typer.Typer(help="Segments: save, look, add and remove people, put away.", no_args_is_help=True)

app.command()(add)
app.command()(remove)
app.command(name="import")(import_)
app.command()(clear)

Paths = Annotated[list[Path], typer.Argument(help="YAML or JSON documents, or folders of them.")]
Key = Annotated[str, typer.Argument(help="The segment's key.")]


@app.command()
def validate(paths: Paths, *, server: checking.Server = False) -> None:
    """Check documents; the same as `sojourn campaigns validate`, which takes segments too."""
    checking.validate(paths, server=server)


@app.command()
def apply(paths: Paths, *, json: showing.Json = False) -> None:
    """Save documents; the same as `sojourn campaigns apply`, which takes segments too."""
    applying.apply(checking.files(paths), json=json)


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
            "kind": "manual: people are added and removed by hand" if found.kind == "manual" else None,
            "state": showing.state(found.state),
            "number": str(found.id),
            "version": None if found.kind == "manual" else str(found.version),
            "built": None if found.built is None else f"{found.built:.0%} of all people looked at",
            "members": _members(found),
            "used by": ", ".join(f"{escape(one.key)} ({one.state})" for one in found.used_by) or "no campaign",
            "condition": None if found.condition is None else showing.value(_as_written(found.condition)),
        }
    )


@app.command()
def preview(
    path: Annotated[Path, typer.Argument(help="A segment's document, YAML or JSON.")],
    *,
    person: Annotated[str | None, typer.Option(help="Say of one person whether each part is true.")] = None,
    limit: Annotated[int, typer.Option(min=0, max=200, help="Name at most so many people.")] = 20,
    json: showing.Json = False,
) -> None:
    """Say who would be in a segment that is not saved yet."""
    with showing.faults_listed():
        condition = documents.read(path).data.get("condition")
    with Client() as client:
        if person is not None:
            truth = client.post(f"segments/preview/{segment(person)}", TruthOut, {"condition": condition})
        else:
            found = client.post("segments/preview", PreviewOut, {"condition": condition, "limit": limit})
    if json:
        showing.json(truth if person is not None else found)
    elif person is not None:
        OUT.print(showing.seen({"condition": truth.model_dump()}))
    else:
        OUT.print(f"{found.matching}{' or more' if found.matching_at_least else ''} match.")
        table = showing.table("person", "email")
        for one in found.people:
            table.add_row(showing.person(one), escape(one.email or ""))
        showing.rows(table, "")


@app.command()
def create_manual(
    name: Annotated[str, typer.Argument(help="What the segment is called.")],
    *,
    key: Annotated[str | None, typer.Option(help="Made of the name if absent.")] = None,
    description: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    json: showing.Json = False,
) -> None:
    """Make a segment whose members are added and removed by hand."""
    body = {"name": name, "key": key, "description": description}
    with Client() as client, showing.faults_listed():
        found = client.post("segments", SegmentInUse, {field: value for field, value in body.items() if value})
    if json:
        showing.json(found)
    else:
        OUT.print(f"{found.key} is made. Put people into it with `sojourn segments add {found.key} PERSON …`.")


@app.command()
def archive(key: Key, *, json: showing.Json = False) -> None:
    """Leave a segment as it is from now on. Lists what uses it, if anything does."""
    _move(key, "archive", json=json)


@app.command()
def unarchive(key: Key, *, json: showing.Json = False) -> None:
    """Bring a segment back; one with a condition is built anew."""
    _move(key, "unarchive", json=json)


@app.command()
def delete(key: Key) -> None:
    """Delete a segment and its memberships. Lists what uses it, if anything does."""
    with Client() as client:
        client.delete(f"segments/{segment(key)}")
    OUT.print(f"{escape(key)} is deleted.")


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


def _as_written(condition: dict[str, Any]) -> dict[str, Any]:
    """Return a condition with what it asks about first: the database does not keep the order of keys."""
    try:
        return conditions.document(read_condition(condition))
    except DocumentError:
        return condition  # of a newer release than this command


def _move(key: str, action: str, *, json: bool) -> None:
    with Client() as client:
        found = client.post(f"segments/{segment(key)}/{action}", SegmentState)
    if json:
        showing.json(found)
    else:
        OUT.print(f"{escape(found.key)} is {showing.state(found.state)}.")


def _members(found: SegmentOut) -> str:
    return f"{found.members}{' or more' if found.members_at_least else ''}"
