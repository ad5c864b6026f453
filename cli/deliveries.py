"""`sojourn deliveries`: what was sent and what became of it, and settling what failed or what nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import typer
from rich.markup import escape

from api.schemas.deliveries import DeliveryOut, DeliverySummary
from cli import showing
from cli.client import Client, segment
from cli.console import OUT
from storage.reading_deliveries import DeliveryState

app = typer.Typer(help="Messages: look, settle unknown outcomes, send failed ones again.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="DELIVERY", help="The delivery's id, as lists show it.")]


@app.command(name="list")
def list_(
    *,
    state: Annotated[DeliveryState | None, typer.Option(help="`unknown` is what waits for you.")] = None,
    limit: showing.Most = 50,
    json: showing.Json = False,
) -> None:
    """List the messages of all campaigns, the newest first."""
    with Client() as client:
        found = list(client.items("deliveries", DeliverySummary, most=limit, state=state))
    print_deliveries(found, json=json)


@app.command()
def show(delivery: Id, *, json: showing.Json = False) -> None:
    """Show a delivery with the message as it was handed over."""
    with Client() as client:
        found = client.get(f"deliveries/{segment(delivery)}", DeliveryOut)
    if json:
        showing.json(found)
        return
    showing.fields(
        {
            "delivery": found.id,
            "state": showing.state(found.state),
            "failure": f"[red]{escape(found.failure)}[/]" if found.failure else None,
            "campaign": f"{escape(found.campaign.key)}, version {found.version}, block {_block(found)}",
            "journey": str(found.journey),
            "person": showing.person(found.person),
            "to": escape(found.recipient) if found.recipient else None,
            "subject": escape(found.subject) if found.subject else None,
            "attempts": str(found.attempts),
            "made": showing.at(found.created_at),
            **{state.replace("_", " "): _reached(found, state) for state in found.times},
        }
    )
    if found.clicked_links:
        links = showing.table("clicks", "first click", "link")
        for link in found.clicked_links:
            links.add_row(str(link.clicks), showing.at(link.first_at), escape(link.address))
        showing.columns(links)
    for part in ("text", "html", "body"):
        if found.content and found.content.get(part):
            OUT.print(f"\n[dim]{part}[/]")
            OUT.print(str(found.content[part]).rstrip(), markup=False)


@app.command()
def settle(
    delivery: Id,
    action: Annotated[
        Literal["resend", "drop"],
        typer.Argument(
            help="`resend`: send it again, maybe a second copy; one that failed is made anew. "
            "`drop`: leave it, maybe none arrived."
        ),
    ],
    *,
    json: showing.Json = False,
) -> None:
    """Say what becomes of a message whose outcome nobody knows, or that failed."""
    with Client() as client:
        found = client.post(f"deliveries/{segment(delivery)}/settle", DeliveryOut, {"action": action})
    if json:
        showing.json(found)
    elif action == "resend":
        OUT.print(f"{found.id} is being sent again; `sojourn deliveries show {found.id}` says how it went.")
    else:
        OUT.print(f"{found.id} is dropped.")


def _reached(found: DeliverySummary, state: str) -> str:
    how = " (known by a click)" if state == "opened" and found.open_is_synthetic else ""
    return showing.at(found.times[state]) + how


def print_deliveries(found: Sequence[DeliverySummary], *, json: bool) -> None:
    """Print a list of deliveries."""
    if json:
        showing.json(found)
        return
    table = showing.table("delivery", "state", "person", "block", "subject or failure")
    for one in found:
        what = f"[red]{escape(one.failure)}[/]" if one.failure else escape(one.subject or "")
        table.add_row(one.id, showing.state(one.state), showing.person(one.person), _block(one), what)
    showing.rows(table, "No messages.")


def _block(one: DeliverySummary) -> str:
    return escape(one.block if one.arm is None else f"{one.block} ({one.arm})")
