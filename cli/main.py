"""The `sojourn` command: what there is to type, and how an error becomes one plain sentence and an exit code."""

from __future__ import annotations

import traceback
from typing import NoReturn

import typer
from rich.markup import escape

from cli import campaigns, deliveries, dev, doctor, journeys, keys, migrate, people, processes, segments
from cli.console import ERR
from cli.demo import demo
from engine.errors import SojournError
from runtime.shutdown import leave

app = typer.Typer(
    name="sojourn",
    help="A campaign engine: every person's passage through a campaign is one durable journey.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

app.command()(dev.dev)
app.command()(demo)
app.command()(doctor.doctor)
app.command()(migrate.migrate)
app.add_typer(campaigns.app, name="campaigns")
app.add_typer(segments.app, name="segments")
app.add_typer(people.app, name="people")
app.add_typer(journeys.app, name="journeys")
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(keys.app, name="keys")
for _process in (processes.api, processes.intake, processes.worker, processes.mail_catcher):
    app.command()(_process)


def main() -> NoReturn:
    """Run the command line and end the process: 0 for done, 1 for an error of ours, 2 for a mistake in typing."""
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


if __name__ == "__main__":
    main()
