"""`sojourn addresses`: those that must not be mailed, whoever has them."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from api.schemas.suppressed_addresses import SuppressedAddressOut
from cli import showing
from cli.client import Client, segment
from cli.console import OUT
from storage.suppressed_addresses import Reason

app = typer.Typer(help="Email addresses: look at those that get nothing, suppress, free.", no_args_is_help=True)

Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="The bare address, such as ada@example.com.")]


@app.command(name="list")
def list_(*, limit: showing.Most = 50, json: showing.Json = False) -> None:
    """List the addresses that are suppressed, why and since when."""
    with Client() as client:
        found = list(client.items("suppressed-addresses", SuppressedAddressOut, most=limit))
    if json:
        showing.json(found)
        return
    table = showing.table("address", "reason", "since (UTC)")
    for one in found:
        table.add_row(escape(one.address), showing.state(one.reason), showing.at(one.suppressed_at))
    showing.rows(table, "No suppressed addresses.")


@app.command()
def suppress(
    address: Address,
    *,
    reason: Annotated[Reason, typer.Option(help="What the list says why.")] = "manual",
    json: showing.Json = False,
) -> None:
    """Let an address get nothing any more; its person stays and still enters campaigns."""
    with Client() as client:
        found = client.put(f"suppressed-addresses/{segment(address)}", SuppressedAddressOut, {"reason": reason})
    if json:
        showing.json(found)
    else:
        since = f"since {showing.at(found.suppressed_at)} UTC"
        OUT.print(f"{escape(found.address)} gets nothing ({found.reason}, {since}).")


@app.command()
def free(address: Address) -> None:
    """Let an address be mailed again."""
    with Client() as client:
        client.delete(f"suppressed-addresses/{segment(address)}")
    OUT.print(f"{escape(address)} can be mailed again.")
