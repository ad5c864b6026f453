"""What there is to type after `sojourn`, and how an error becomes one plain sentence and an exit code.

Importing every command takes seconds, and a person types one: each is imported when it is typed, not before.
"""

from __future__ import annotations

import traceback
from importlib import import_module
from typing import Annotated, Any, Final, NoReturn

import typer
from rich.markup import escape
from typer.core import TyperGroup
from typer.main import get_group

from cli.console import ERR
from engine.errors import SojournError
from runtime.leaving import leave
from runtime.version import VERSION
from runtime.wording import sentence

COMMANDS: Final = {
    "dev": (
        "cli.dev:dev",
        "Start PostgreSQL, Temporal with its Web UI, API, intake, worker and a mail catcher, until Ctrl-C.",
    ),
    "demo": (
        "cli.demo:demo",
        "Start everything, play a made-up day of business through it, and show who is where.",
    ),
    "doctor": ("cli.doctor:doctor", "Look at everything Sojourn stands on. Exit code 1 when something is wrong."),
    "migrate": (
        "cli.migrate:migrate",
        "Bring database and Temporal namespace up to date. Safe to run any number of times, and at the same time.",
    ),
    "campaigns": ("cli.campaigns:app", "Campaigns: check, save, look, start, stop."),
    "segments": ("cli.segments:app", "Segments: save, look, add and remove people, put away."),
    "people": ("cli.people:app", "People: look."),
    "why": (
        "cli.why:why",
        "Say why a person did or did not enter a campaign, with the data that was seen, and what would happen now.",
    ),
    "events": ("cli.events:app", "Events: look at recent ones."),
    "forms": ("cli.forms:app", "Forms: look, map fields to attributes."),
    "journeys": ("cli.journeys:app", "Journeys: look, end, recover."),
    "deliveries": ("cli.deliveries:app", "Messages: look, settle unknown outcomes, send failed ones again."),
    "addresses": ("cli.addresses:app", "Email addresses: look at those that get nothing, suppress, free."),
    "keys": ("cli.keys:app", "Keys of the API: make, list, revoke."),
    "api": ("cli.processes:api", "Answer HTTP: take in what clients send, and serve the management API."),
    "intake": (
        "cli.processes:intake",
        "Apply what was taken in: people, events, segments, and who enters which campaign.",
    ),
    "worker": ("cli.processes:worker", "Carry journeys: start them in Temporal, decide, send."),
    "mail-catcher": (
        "cli.processes:mail_catcher",
        "Take every mail and deliver none: for development and for a set-up that must not reach anybody yet.",
    ),
}
"""What is typed → where it is (a function, or an app with commands of its own), and the first line of its help."""


class _OnDemand(TyperGroup):
    """A group whose commands are a name and a line of help, until somebody types one."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] in COMMANDS:
            self.commands.update(get_group(load(args[0])).commands)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            if error.message:  # of a missing argument there is none: its name is all there is to say
                error.message = sentence(error.message)
            raise


def load(name: str) -> typer.Typer:
    """Import a command; return an app with this command and no other."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    found = getattr(import_module(module), attribute)
    loaded = typer.Typer(add_completion=False)
    if isinstance(found, typer.Typer):
        loaded.add_typer(found, name=name)
    else:
        loaded.command(name)(found)
    return loaded


app: Final = typer.Typer(
    name="sojourn", cls=_OnDemand, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False
)


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"sojourn {VERSION}")
        raise typer.Exit


@app.callback()
def _sojourn(
    *,
    _: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which release this is.")
    ] = False,
) -> None:
    """A campaign engine: every person's passage through a campaign is one durable journey."""


def _not_loaded() -> None:
    """Stands for every command in the list of them."""


for _name, (_, _help) in COMMANDS.items():
    app.command(_name, help=_help)(_not_loaded)


def run() -> NoReturn:
    """Run what was typed and end the process: 0 for done, 1 for an error of ours, 2 for a mistake in typing."""
    try:
        app()
    except SystemExit as end:
        leave(end.code if isinstance(end.code, int) else 1)
    except SojournError as error:
        ERR.print(f"[red]✗[/] {escape(error.message)}")
        leave(1)
    except Exception:
        traceback.print_exc()
        leave(1)
    leave(0)
