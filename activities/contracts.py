"""The activities as workflows see them: name, argument and result, and nothing that has to be imported with it.

Workflow code and replays load these stubs; the worker registers implementations under the same names, and a test
compares the two. So neither the sandbox nor a replay ever loads a driver, a template engine or an SMTP client.
"""

from __future__ import annotations

from temporalio import activity

from engine import names
from engine.moves import (
    Ask,
    CampaignAsk,
    EditStart,
    Inside,
    Loaded,
    LoadingAsk,
    Move,
    Redelivered,
    RedeliveryAsk,
    ResendStart,
    Verdict,
)


@activity.defn(name=names.NEXT_MOVE)
async def next_move(ask: Ask) -> Move:
    """Decide what the journey does next (local; our own database only)."""
    raise NotImplementedError


@activity.defn(name=names.CHECK_EXIT)
async def check_exit(ask: Ask) -> Verdict:
    """Look, right before a message, whether it may go (local)."""
    raise NotImplementedError


@activity.defn(name=names.SEND)
async def send(ask: Ask) -> Move:
    """Claim the delivery, check once more, render, hand over, record; answer with the next move (regular)."""
    raise NotImplementedError


@activity.defn(name=names.ACT)
async def act(ask: Ask) -> Move:
    """Carry out a data block and answer with the next move (local)."""
    raise NotImplementedError


@activity.defn(name=names.STOP_CAMPAIGN)
async def stop_campaign(ask: CampaignAsk) -> Inside:
    """Write the stop into the record and tell every open journey; heartbeats its place (regular)."""
    raise NotImplementedError


@activity.defn(name=names.COUNT_INSIDE)
async def count_inside(ask: CampaignAsk) -> Inside:
    """Count the open journeys of a campaign (local)."""
    raise NotImplementedError


@activity.defn(name=names.RESEND_DELIVERY)
async def resend_delivery(ask: ResendStart) -> str:
    """Send a delivery again because an operator said so; answers with its state (regular)."""
    raise NotImplementedError


@activity.defn(name=names.REDELIVER)
async def redeliver(ask: RedeliveryAsk) -> Redelivered:
    """Hand a message over once more that nobody took, and that its journey does not wait for (regular)."""
    raise NotImplementedError


@activity.defn(name=names.WAKE_WAITING)
async def wake_waiting(edit: EditStart) -> int:
    """Tell every journey that waits in a block that was edited to look again; heartbeats its place (regular)."""
    raise NotImplementedError


@activity.defn(name=names.LOAD_MATCHES)
async def load_matches(ask: LoadingAsk) -> Loaded:
    """Let people enter who match already, page by page for some minutes; heartbeats its place (regular)."""
    raise NotImplementedError
