"""`sojourn dev`: the whole engine in one terminal and one folder, for a first look, for development and for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from cli.client import API_URL
from cli.console import ERR, OUT
from cli.development_key import DEVELOPMENT_SECRET
from cli.folder import DEFAULT, DataFolder
from cli.ports import Ports
from cli.progress import Progress
from cli.stack import Stack
from runtime.shutdown import INTERRUPTED, unless, until_signalled

Meanwhile = Callable[[Stack, asyncio.Event], Awaitable[int]]
"""What to do while the stack runs: returns an exit code, and returns soon after the event is set."""

Data = Annotated[Path, typer.Option(help="Folder for everything that is kept.")]
Reset = Annotated[bool, typer.Option("--reset", help="Throw away what the folder holds, and begin anew.")]
Port = Annotated[int, typer.Option(help="Port of the API.")]
TemporalPort = Annotated[int, typer.Option(help="Port of Temporal.")]
TemporalUiPort = Annotated[int, typer.Option(help="Port of Temporal's Web UI.")]
MailPort = Annotated[int, typer.Option(help="Port on which the mail catcher takes mail (SMTP).")]
MailWebPort = Annotated[int, typer.Option(help="Port on which the mail catcher shows it.")]
PostgresPort = Annotated[int, typer.Option(help="Port of PostgreSQL.")]


def dev(
    data: Data = DEFAULT,
    *,
    reset: Reset = False,
    port: Port = Ports.port,
    temporal_port: TemporalPort = Ports.temporal_port,
    temporal_ui_port: TemporalUiPort = Ports.temporal_ui_port,
    mail_port: MailPort = Ports.mail_port,
    mail_web_port: MailWebPort = Ports.mail_web_port,
    postgres_port: PostgresPort = Ports.postgres_port,
) -> None:
    """Start PostgreSQL, Temporal with its Web UI, API, intake, worker and a mail catcher, until Ctrl-C."""
    ports = Ports(
        port=port,
        temporal_port=temporal_port,
        temporal_ui_port=temporal_ui_port,
        mail_port=mail_port,
        mail_web_port=mail_web_port,
        postgres_port=postgres_port,
    )
    raise typer.Exit(run(DataFolder(data), ports, _serve, reset=reset))


def run(folder: DataFolder, ports: Ports, meanwhile: Meanwhile, *, reset: bool) -> int:
    """Start the stack, do something with it, and stop it whatever happens; return the exit code.

    A stop before everything was up is an interruption, not the end that was asked for.
    """
    stack = Stack(folder=folder, ports=ports, say=lambda line: ERR.print(f"[yellow]![/] {escape(line)}"))
    if not folder.root.exists():
        stack.check_ports()  # before a folder is made for it; in one that is there, a survivor of ours may have them
    with folder.locked():

        async def until(stop: asyncio.Event) -> int:
            try:
                with Progress() as progress:
                    started = await unless(stop, stack.start(progress, reset=reset))
                return await meanwhile(stack, stop) if started else INTERRUPTED
            finally:
                if stack.has_begun:
                    ERR.print("Stopping …", style="dim")
                await stack.stop()

        return asyncio.run(until_signalled(until, forced=stack.kill))


async def _serve(stack: Stack, stop: asyncio.Event) -> int:
    OUT.print(addresses(stack))
    await unless(stop, stack.keep())
    return 0


def addresses(stack: Stack) -> str:
    """Return what a person may open and with which keys, in lines."""
    lines = dict(stack.addresses())
    lines["Keys"] = f"Track API: {DEVELOPMENT_SECRET}:{DEVELOPMENT_SECRET} · App API: {DEVELOPMENT_SECRET}"
    lines["Logs"] = f"{stack.folder.root / 'logs'}"
    if stack.ports.port != Ports.port:  # at the default one, commands look for it from everywhere
        where = "in another folder" if stack.folder.root == DEFAULT else "in another terminal"
        lines["Commands"] = f"{where} need: export {API_URL}={stack.api_url}"
    width = max(map(len, lines))
    shown = [f"  [bold]{name:{width}}[/]  {escape(line)}" for name, line in lines.items()]
    return "\n".join(
        [*shown, f"  [dim]Ctrl-C stops everything; the data stays in {escape(str(stack.folder.root))}.[/]"]
    )
