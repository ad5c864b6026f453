"""`sojourn why CAMPAIGN PERSON`: what happened between the two, and what would happen now."""

from __future__ import annotations

from typing import Annotated, Final

import typer
from rich.markup import escape

from api.schemas.why import GateOut, WhyOut
from cli import showing
from cli.client import Client, segment
from cli.console import OUT
from cli.journeys import print_journeys, print_refusals

_MARKS: Final = {True: "[green]✓[/]", False: "[red]✗[/]", None: "[yellow]…[/]"}
_IGNORED: Final = {
    "before_start": "did not count: from before the campaign was started",
    "stopped": "did not count: came in while the campaign was stopped",
}


def why(
    campaign: Annotated[str, typer.Argument(help="The campaign's key.")],
    person: Annotated[str, typer.Argument(help="An id, an email, or cio_….")],
    *,
    json: showing.Json = False,
) -> None:
    """Say why a person did or did not enter a campaign, with the data that was seen, and what would happen now."""
    with Client() as client:
        found = client.get(f"campaigns/{segment(campaign)}/people/{segment(person)}/why", WhyOut)
    if json:
        showing.json(found)
        return
    OUT.print(f"[bold]{escape(found.summary)}[/]  [dim]{showing.at(found.at)} UTC[/]")
    for gate in found.gates:
        _print_gate(gate)
    for event in found.events:
        mark = _MARKS[event.matches] if event.ignored is None else "[dim]-[/]"
        ignored = f", {_IGNORED[event.ignored]}" if event.ignored else ""
        OUT.print(f"{mark} event {event.id} at {showing.at(event.occurred_at)} UTC{ignored}")
        if event.seen is not None and not event.matches and event.ignored is None:
            OUT.print(showing.seen({"where": event.seen}))
    if found.scheduled.date_at is not None:
        OUT.print(f"[dim]The next date comes at {showing.at(found.scheduled.date_at)} UTC.[/]")
    if found.scheduled.again_at is not None:
        OUT.print(f"[dim]Enters again at {showing.at(found.scheduled.again_at)} UTC, if they still match then.[/]")
    if found.journeys:
        print_journeys(found.journeys, nothing="", json=False)
    if found.refusals:
        print_refusals(found.refusals, json=False)


def _print_gate(gate: GateOut) -> None:
    OUT.print(f"{_MARKS[gate.open]} [bold]{gate.name}[/]  {escape(gate.text)}")
    looked = {key: value for key, value in gate.seen.items() if key == "condition"}
    looked |= {f"in segment {key}": tree for key, tree in gate.seen.get("segments", {}).items()}
    if looked and gate.open is not True:
        OUT.print(showing.seen(looked))
