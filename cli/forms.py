"""`sojourn forms`: which forms there are, where their fields go, and which leads of Facebook are still to come."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from api.schemas.forms import FormOut, LeadOut, Retried
from cli import showing
from cli.client import Client, segment
from cli.console import OUT
from engine.errors import InputError, NotFound

app = typer.Typer(help="Forms: look, map fields to attributes.", no_args_is_help=True)

Form = Annotated[str, typer.Argument(metavar="FORM", help="The form's id.")]


@app.command(name="list")
def list_(*, limit: showing.Most = 1000, json: showing.Json = False) -> None:
    """List every form that was submitted once, or mapped."""
    with Client() as client:
        found = list(client.items("forms", FormOut, most=limit))
    if json:
        showing.json(found)
        return
    table = showing.table("form", "type", "fields", "used by")
    for one in found:
        table.add_row(escape(one.id), one.type, escape(", ".join(one.fields)), escape(", ".join(one.used_by)))
    showing.rows(table, "There is no form yet. The first submission makes one known.")


@app.command()
def show(form: Form, *, json: showing.Json = False) -> None:
    """Show a form: its fields, the attributes they go to, the campaigns it triggers."""
    with Client() as client:
        found = client.get(f"forms/{segment(form)}", FormOut)
    _print(found, json=json)


@app.command(name="map")
def map_(
    form: Form,
    pairs: Annotated[list[str], typer.Argument(metavar="FIELD=ATTRIBUTE…", help="FIELD= gives it its name back.")],
    *,
    json: showing.Json = False,
) -> None:
    """Say which attributes fields go to; other fields stay as they are mapped."""
    changed = dict(_pair(text) for text in pairs)
    path = f"forms/{segment(form)}"
    with Client() as client, showing.faults_listed():
        try:
            mapping = client.get(path, FormOut).mapping
        except NotFound:  # it may be mapped before its first submission
            mapping = {}
        wanted = {field: attribute for field, attribute in {**mapping, **changed}.items() if attribute}
        found = client.put(path, FormOut, {"mapping": wanted})
    _print(found, json=json)


@app.command()
def leads(*, limit: showing.Most = 50, json: showing.Json = False) -> None:
    """List Facebook leads that are announced and not taken in yet, and what keeps them."""
    with Client() as client:
        found = list(client.items("leads", LeadOut, most=limit))
    if json:
        showing.json(found)
        return
    table = showing.table("lead", "form", "since (UTC)", "next attempt (UTC)", "last error")
    for one in found:
        due = showing.at(one.due_at) or "[red]given up[/]"
        table.add_row(escape(one.id), escape(one.form), showing.at(one.received_at), due, escape(one.last_error or ""))
    showing.rows(table, "No lead waits.")


@app.command()
def retry_leads(*, json: showing.Json = False) -> None:
    """Try all of them again now, those that were given up included."""
    with Client() as client:
        found = client.post("leads/retry", Retried)
    if json:
        showing.json(found)
    else:
        OUT.print(f"{found.leads} {'lead is' if found.leads == 1 else 'leads are'} tried again.")


def _pair(text: str) -> tuple[str, str]:
    field, sign, attribute = text.partition("=")
    if not sign or not field:
        raise InputError("", f"{text!r} is no pair of field and attribute.", "Write FIELD=ATTRIBUTE.")
    return field, attribute.strip()


def _print(found: FormOut, *, json: bool) -> None:
    if json:
        showing.json(found)
        return
    showing.fields(
        {
            "form": f"[bold]{escape(found.id)}[/]",
            "type": found.type,
            "known since": showing.at(found.created_at),
            "used by": escape(", ".join(found.used_by)) or "no campaign",
        }
    )
    table = showing.table("field", "attribute")
    for field in sorted({*found.fields, *found.mapping}):
        table.add_row(escape(field), escape(found.mapping.get(field, field)))
    showing.rows(table, "It has no fields so far.")
