"""`sojourn keys`: who may call the API. A secret is shown once, when it is made; only its hash is kept."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.table import Table

from cli import readiness, whereabouts
from cli.console import ERR, OUT
from engine.errors import InputError, NotFound
from runtime.clock import system_clock
from runtime.settings import Settings
from storage import keys

app = typer.Typer(help="Keys of the API: make, list, revoke.", no_args_is_help=True)


@app.command()
def create(
    surface: Annotated[
        str, typer.Argument(help="`track` for clients that send people and events, `app` for management.")
    ],
    *,
    site_id: Annotated[str, typer.Option(help="User name of a track key; clients call it the site id.")] = "",
    workspace: Annotated[str, typer.Option(help="Made if there is none of this name.")] = "default",
) -> None:
    """Make a key and show its secret, once."""
    if surface == "track":
        asyncio.run(_create(whereabouts.settings(), workspace, "track", site_id or workspace))
    elif surface == "app":
        asyncio.run(_create(whereabouts.settings(), workspace, "app", ""))
    else:
        raise InputError("surface", f"{surface!r} is no surface.", "Use `track` or `app`.")


@app.command(name="list")
def list_() -> None:
    """List every key that is not revoked."""
    asyncio.run(_list(whereabouts.settings()))


@app.command()
def revoke(number: Annotated[int, typer.Argument(help="The key's number, as `sojourn keys list` shows it.")]) -> None:
    """End a key. API processes notice within ten seconds."""
    asyncio.run(_revoke(whereabouts.settings(), number))


async def _create(settings: Settings, workspace: str, surface: keys.Surface, site_id: str) -> None:
    secret = keys.new_secret()
    now = system_clock()
    async with readiness.connection(settings) as connection, connection.transaction():
        workspace_id = await keys.open_workspace(connection, workspace, now=now)
        await keys.add(connection, workspace_id, surface, secret, site_id=site_id, now=now)
    ERR.print("Keep the secret now: it is not stored and cannot be shown again.", style="yellow")
    if site_id:
        OUT.print(f"site id: {site_id}", markup=False)
    OUT.print(f"secret:  {secret}", markup=False)


async def _list(settings: Settings) -> None:
    async with readiness.connection(settings) as connection:
        living = await keys.living(connection)
    table = Table("number", "workspace", "surface", "site id", "made", "")
    for key in living:
        note = "[red]well known (development)[/]" if key.is_development else ""
        table.add_row(str(key.id), key.workspace, key.surface, key.site_id, f"{key.created_at:%Y-%m-%d %H:%M}Z", note)
    OUT.print(table)


async def _revoke(settings: Settings, number: int) -> None:
    async with readiness.connection(settings) as connection:
        if not await keys.revoke_number(connection, number, now=system_clock()):
            nothing = f"There is no key {number} that still opens anything."
            raise NotFound(nothing, "`sojourn keys list` shows which do.")
    OUT.print(f"Key {number} is revoked.")
