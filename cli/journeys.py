"""`sojourn journeys`: where somebody stands and why, and ending it by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.markup import escape

from api.schemas.journeys import DecisionOut, FoundJourney, JourneyOut, JourneySummary, RefusalOut, RefusedJourney
from cli import showing
from cli.client import Client, segment
from cli.console import OUT
from cli.deliveries import print_deliveries
from cli.recover import recover
from storage.reading_journeys import StateFilter

app = typer.Typer(help="Journeys: look, end, recover.", no_args_is_help=True)
app.command()(recover)

Number = Annotated[int, typer.Argument(min=1, help="The journey's number, as lists show it.")]


@app.command()
def show(number: Number, *, json: showing.Json = False) -> None:
    """Show a journey with every decision, what was seen, and its messages; or why its event began none."""
    with Client() as client:
        found = _whole(client, number)
    if json:
        showing.json(found)
    elif isinstance(found, RefusedJourney):
        OUT.print(f"Journey {number} never began: its event waited for the filters, and was refused.")
        print_refusals([found], json=False)
    else:
        _print_journey(found)


@app.command()
def end(
    number: Number,
    *,
    reason: Annotated[str | None, typer.Option(help="For the journey's log.")] = None,
    json: showing.Json = False,
) -> None:
    """End a journey, or an event's wait for its filters. Nothing more is sent."""
    with Client() as client:
        found = client.post(f"journeys/{number}/end", FoundJourney, {"reason": reason}).root
    if json:
        showing.json(found)
    elif isinstance(found, RefusedJourney):
        OUT.print(f"The event of {showing.person(found.person)} waits no longer; no journey begins.")
    else:
        OUT.print(f"Journey {found.id} of {showing.person(found.person)} ends.")


@app.command()
def person(
    identifier: Annotated[str, typer.Argument(metavar="PERSON", help="An id, an email, or cio_….")],
    *,
    state: Annotated[StateFilter | None, typer.Option(help="Only these.")] = None,
    limit: showing.Most = 50,
    json: showing.Json = False,
) -> None:
    """List the journeys of a person in all campaigns, the newest first."""
    with Client() as client:
        found = list(client.items(f"people/{segment(identifier)}/journeys", JourneySummary, most=limit, state=state))
    print_journeys(found, json=json, nothing="None.")


def print_journeys(found: Sequence[JourneySummary], *, json: bool, nothing: str) -> None:
    """Print a list of journeys."""
    if json:
        showing.json(found)
        return
    table = showing.table("journey", "campaign", "person", "state", "what")
    for one in found:
        what = escape(one.doing) if one.doing else showing.reason(one.exit_reason) or showing.at(one.ended_at)
        table.add_row(str(one.id), escape(one.campaign.key), showing.person(one.person), showing.state(one.state), what)
    showing.rows(table, nothing)


def print_refusals(found: Sequence[RefusalOut], *, json: bool) -> None:
    """Print a list of refusals."""
    if json:
        showing.json(found)
        return
    table = showing.table("at (UTC)", "campaign", "person", "reason", "seen")
    for one in found:
        seen = showing.seen(one.seen)
        who = showing.person(one.person)
        table.add_row(showing.at(one.at), escape(one.campaign.key), who, showing.reason(one.reason), seen)
    showing.rows(table, "Nobody was refused.")


def _print_journey(found: JourneyOut) -> None:
    showing.fields(
        {
            "journey": f"[bold]{found.id}[/] of {showing.person(found.person)} in {escape(found.campaign.key)}",
            "state": showing.state(found.state)
            + (f" ({showing.reason(found.exit_reason)})" if found.exit_reason else ""),
            "doing": escape(found.doing) if found.doing else None,
            "block": found.block,
            "until": showing.at(found.due_at) or None,
            "began": showing.at(found.started_at),
            "ended": showing.at(found.ended_at) or None,
            "event": escape(found.event.name or str(found.event.id)) if found.event else None,
            "data": showing.value(found.event_data) if found.event_data else None,
            "Temporal": found.workflow_id,
        }
    )
    OUT.print()
    _print_log(found.decisions)
    if found.deliveries:
        OUT.print()
        print_deliveries(found.deliveries, json=False)


def _whole(client: Client, number: int) -> JourneyOut | RefusedJourney:
    found = client.get(f"journeys/{number}", FoundJourney).root
    if isinstance(found, RefusedJourney):
        return found
    decisions, cursor = list(found.decisions), found.next_decisions
    while cursor is not None:
        more = client.get(f"journeys/{number}", JourneyOut, decisions_after=cursor)
        decisions += more.decisions
        cursor = more.next_decisions
    return found.model_copy(update={"decisions": decisions, "next_decisions": None})


def _print_log(decisions: Sequence[DecisionOut]) -> None:
    log = showing.grid()
    for decision in decisions:
        log.add_row(showing.at(decision.at), escape(decision.text))
        if decision.seen:
            log.add_row("", f"[dim]{showing.seen(decision.seen)}[/]")
    showing.columns(log)
