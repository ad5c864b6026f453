"""`sojourn campaigns`: from files on a disk to people inside, and out again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.markup import escape

from api.schemas.campaigns import CampaignOut, CampaignSummary, StateOut
from api.schemas.deliveries import DeliverySummary
from api.schemas.journeys import JourneySummary, RefusalOut
from api.schemas.starting import LoadingOut, Start
from cli import applying, checking, showing
from cli.client import Client, segment
from cli.console import OUT
from cli.deliveries import print_deliveries
from cli.journeys import print_journeys, print_refusals
from engine.campaigns import Campaign, parse, to_document
from engine.errors import Conflict, DocumentError
from engine.instants import parse_iso
from engine.steps import MessageStep
from intake.loading import RATE
from storage.reading_deliveries import DeliveryState
from storage.reading_journeys import StateFilter

app = typer.Typer(help="Campaigns: check, save, look, start, stop.", no_args_is_help=True)

Key = Annotated[str, typer.Argument(help="The campaign's key.")]
Paths = Annotated[list[Path], typer.Argument(help="YAML or JSON documents, or folders of them.")]


def _instant(written: str) -> datetime:
    """Read an instant as people write one, with the forms that are taken in every refusal."""
    found = parse_iso(written.strip())
    if found is None:
        said = f"{written!r} is no instant. Write one such as 2027-03-01, 2027-03-01T09:00 or 2027-03-01T09:00:00+01:00"
        raise typer.BadParameter(f"{said}; without an offset it is UTC.")
    return found


@app.command()
def validate(paths: Paths, *, server: checking.Server = False) -> None:
    """Check documents, by themselves and together: every fault with its line, and what to look at before a start.

    Exit code 1 if one cannot be saved, or is a campaign that would not start.
    """
    checking.validate(paths, server=server)


@app.command()
def apply(paths: Paths, *, json: showing.Json = False) -> None:
    """Save documents, segments before campaigns; nothing is saved if one of them has faults. Drafts stay drafts.

    A draft that would not start is saved, too, and what keeps it from that is listed.
    """
    applying.apply(checking.files(paths), json=json)


@app.command(name="list")
def list_(*, limit: showing.Most = 1000, json: showing.Json = False) -> None:
    """List every campaign, with its state and how many people are inside."""
    with Client() as client:
        found = list(client.items("campaigns", CampaignSummary, most=limit))
    if json:
        showing.json(found)
        return
    table = showing.table("key", "state", "version", "inside", "started (UTC)")
    for one in found:
        inside = f"{one.inside}+" if one.inside_at_least else str(one.inside)
        table.add_row(one.key, showing.state(one.state), str(one.version), inside, showing.at(one.started_at))
    showing.rows(table, "There is no campaign yet. Save one with `sojourn campaigns apply FILE`.")


@app.command()
def show(
    key: Key,
    *,
    version: Annotated[int | None, typer.Option(min=1, help="Without it, the latest.")] = None,
    json: showing.Json = False,
) -> None:
    """Show a campaign and the document of one version."""
    with Client() as client:
        found = client.get(f"campaigns/{segment(key)}", CampaignOut, version=version)
    if json:
        showing.json(found)
        return
    campaign = _read(found.document)
    inside = f"{found.inside}{' or more' if found.inside_at_least else ''}"
    showing.fields(
        {
            "campaign": f"[bold]{escape(found.name)}[/]",
            "description": escape(found.description) or None,
            "state": showing.state(found.state),
            "version": f"{found.shown_version} of {found.version}",
            "inside": inside,
            "started": showing.at(found.started_at) or None,
            "first started": showing.at(found.first_started_at) or None,
            "stopped" if found.state in ("stopped", "archived") else "stopped before": _stopped(found),
            "current matches": _loaded(found.loading) if found.loading else None,
            "A/B tests": _tests(campaign) if campaign else None,
            "webhook": found.webhook_url and escape(found.webhook_url),
        }
    )
    OUT.print()
    # The database does not keep the order in which one writes the keys.
    showing.document(to_document(campaign) if campaign else found.document)


@app.command()
def start(
    key: Key,
    *,
    current: Annotated[
        bool, typer.Option("--current", help="Of a condition campaign: let in whoever matches already, too.")
    ] = False,
    since: Annotated[
        datetime | None,
        typer.Option(
            help="Only those whose match began since then: 2027-03-01, say, or 2027-03-01T09:00. UTC, unless it says "
            "otherwise.",
            parser=_instant,
            metavar="INSTANT",
        ),
    ] = None,
    rate: Annotated[
        int | None, typer.Option(min=1, max=1000, help=f"How many of those enter a second. Default: {RATE}.")
    ] = None,
    json: showing.Json = False,
) -> None:
    """Let people in from now on. Lists every error that keeps the campaign from starting."""
    if rate is not None and not (current or since):
        raise typer.BadParameter("--rate is for those who match already: say --current or --since, too.")
    how = Start(matches="current_and_future" if current else "future", since=since, rate=rate or RATE)
    with Client() as client, showing.faults_listed():
        found = client.post(f"campaigns/{segment(key)}/start", StateOut, how.model_dump(mode="json"))
    _moved(found, json=json)


@app.command()
def pause(key: Key, *, json: showing.Json = False) -> None:
    """Let nobody in for now who matched when the campaign started. New matches still enter."""
    _order(key, "pause", json=json)


@app.command()
def resume(key: Key, *, json: showing.Json = False) -> None:
    """Go on letting in whoever matched when the campaign started."""
    _order(key, "resume", json=json)


@app.command()
def stop(
    key: Key,
    *,
    finish: Annotated[bool, typer.Option("--finish", help="Whoever is inside finishes.")] = False,
    now: Annotated[bool, typer.Option("--now", help="Every journey ends at once; nothing more is sent.")] = False,
    json: showing.Json = False,
) -> None:
    """Let nobody in any more. Say what becomes of those inside, if there are any.

    Events that wait for their filters are dropped, also with --finish: `sojourn campaigns refusals` lists them.
    """
    if finish and now:
        raise typer.BadParameter("--finish and --now exclude each other.")
    with Client() as client:
        if not finish and not now:
            _refuse_to_guess(client.get(f"campaigns/{segment(key)}", CampaignOut))
        mode = "now" if now else "finish"
        found = client.post(f"campaigns/{segment(key)}/stop", StateOut, {"mode": mode})
    _moved(found, json=json)


@app.command()
def archive(key: Key, *, json: showing.Json = False) -> None:
    """Put a draft or a stopped campaign away. Its segments may be archived then, too."""
    _put(key, "archive", json=json)


@app.command()
def unarchive(key: Key, *, json: showing.Json = False) -> None:
    """Bring an archived campaign back, stopped, and every archived segment that it uses."""
    _put(key, "unarchive", json=json)


@app.command()
def journeys(
    key: Key,
    *,
    state: Annotated[StateFilter | None, typer.Option(help="Only these.")] = None,
    limit: showing.Most = 50,
    json: showing.Json = False,
) -> None:
    """List who is and was inside, the newest entry first; events that wait for their filters included."""
    with Client() as client:
        found = list(client.items(f"campaigns/{segment(key)}/journeys", JourneySummary, most=limit, state=state))
    print_journeys(found, json=json, nothing="Nobody.")


@app.command()
def refusals(key: Key, *, limit: showing.Most = 50, json: showing.Json = False) -> None:
    """List who triggered the campaign and did not enter, and why; the latest first."""
    with Client() as client:
        found = list(client.items(f"campaigns/{segment(key)}/refusals", RefusalOut, most=limit))
    print_refusals(found, json=json)


@app.command()
def deliveries(
    key: Key,
    *,
    state: Annotated[DeliveryState | None, typer.Option(help="Only these.")] = None,
    limit: showing.Most = 50,
    json: showing.Json = False,
) -> None:
    """List the messages of a campaign, the newest first."""
    with Client() as client:
        found = list(client.items(f"campaigns/{segment(key)}/deliveries", DeliverySummary, most=limit, state=state))
    print_deliveries(found, json=json)


def _read(document: dict[str, Any]) -> Campaign | None:
    """Read a campaign; None if it is of a newer release than this command."""
    try:
        return parse(document)
    except DocumentError:
        return None


def _tests(campaign: Campaign) -> str | None:
    """Say of each message in a test how many get the variation."""
    messages = [step for step in campaign.plan.blocks.values() if isinstance(step, MessageStep)]
    return ", ".join(f"{one.id} ({one.ab_test.share:g}% variation)" for one in messages if one.ab_test) or None


def _refuse_to_guess(campaign: CampaignOut) -> None:
    if campaign.inside:
        people = "1 journey is" if campaign.inside == 1 else f"{campaign.inside} journeys are"
        raise Conflict(f"{people} under way.", "Say --finish to let them finish, or --now to end them all at once.")


def _stopped(campaign: CampaignOut) -> str | None:
    """Say of the latest stop when it was, and what became of those inside."""
    became = {"finish": ", whoever was inside finished", "now": ", every journey ended", None: ""}
    if campaign.inside and campaign.stop_mode == "now" and campaign.state in ("stopped", "archived"):
        became["now"] = ", every journey is being ended"  # page by page, which with many takes minutes
    return f"{showing.at(campaign.stopped_at)}{became[campaign.stop_mode]}" if campaign.stopped_at else None


def _loaded(loading: LoadingOut) -> str:
    matching = "?" if loading.matching is None else str(loading.matching)
    held_back = f", {loading.held_back} held back" if loading.held_back else ""
    return f"{loading.state}: {loading.entered} of {matching} entered{held_back}"


def _put(key: str, action: Literal["archive", "unarchive"], *, json: bool) -> None:
    with Client() as client:
        found = client.post(f"campaigns/{segment(key)}/{action}", StateOut)
    _moved(found, json=json)


def _order(key: str, action: Literal["pause", "resume"], *, json: bool) -> None:
    with Client() as client:
        found = client.post(f"campaigns/{segment(key)}/loading", StateOut, {"action": action})
        now = client.get(f"campaigns/{segment(key)}", CampaignOut)
    if json or now.loading is None:
        _moved(found, json=json)
    else:
        OUT.print(f"{escape(key)} is {showing.state(now.state)}, {_loaded(now.loading)}.")


def _moved(found: StateOut, *, json: bool) -> None:
    if json:
        showing.json(found)
    else:
        OUT.print(f"{escape(found.key)} is {showing.state(found.state)}.")
