"""A started campaign is itself a workflow: an operator stops it in the Temporal Web UI by the signals the API uses.

It holds no facts: every signal is applied to the record by an activity, and the record says whether the campaign is
still started. The last journey to leave a stopping campaign says so; nothing is polled.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities import contracts
    from engine import names
    from engine.moves import CampaignAsk, CampaignStart, Inside, LookAgain
    from workflows import options
    from workflows.asking import ask

Verb = Literal["stop", "drain"]

STARTED = ("starting", "running", "stopping")


@workflow.defn(name=names.CAMPAIGN)
class Campaign:
    """The campaign workflow."""

    @workflow.init
    def __init__(self, start: CampaignStart) -> None:
        self._start = start
        self._clock = start.at
        self._orders: list[tuple[Verb, datetime]] = []
        self._news = False

    @workflow.run
    async def run(self, start: CampaignStart) -> str:
        """Live as long as the record says that the campaign is started; return the state it is left in."""
        while True:
            inside = await self._look()
            workflow.set_current_details(_details(inside, workflow.now()))
            if self._news or self._orders:
                continue
            if inside.state not in STARTED:
                return inside.state
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(start)
            await workflow.wait_condition(lambda: self._news or bool(self._orders))

    @workflow.signal(name=names.STOP)
    def stop(self, said: LookAgain | None = None) -> None:
        """Everybody out now: every journey exits and nothing more is sent."""
        self._orders.append(("stop", self._hear(said)))

    @workflow.signal(name=names.DRAIN)
    def drain(self, said: LookAgain | None = None) -> None:
        """Nobody enters any more; whoever is inside may finish."""
        self._orders.append(("drain", self._hear(said)))

    @workflow.signal(name=names.LOOK_AGAIN)
    def look_again(self, said: LookAgain | None = None) -> None:
        """Count again who is inside."""
        self._hear(said)
        self._news = True

    def _hear(self, said: LookAgain | None) -> datetime:
        """Return when it was said. By hand that is now, and never earlier than what the record was told before."""
        if said and said.at:
            self._clock = max(self._clock, said.at)
            return said.at
        return max(workflow.now(), self._clock)

    async def _look(self) -> Inside:
        self._news = False
        workspace, campaign = self._start.workspace, self._start.campaign
        if not self._orders:
            question = CampaignAsk(workspace=workspace, campaign=campaign, now=self._hear(None))
            return await ask(contracts.count_inside, question, "count who is inside")
        verb, at = self._orders[0]
        question = CampaignAsk(workspace=workspace, campaign=campaign, now=at, verb=verb)
        inside = await workflow.execute_activity(
            contracts.stop_campaign, question, **options.everybody(f"{verb} the campaign")
        )
        self._orders.pop(0)
        return inside


def _details(inside: Inside, now: datetime) -> str:
    people = "1 journey is" if inside.journeys == 1 else f"{inside.journeys} journeys are"
    return (
        f"The campaign is **{inside.state}**. {people} open (counted {now:%Y-%m-%d %H:%M:%S} UTC; "
        f"the signal `{names.LOOK_AGAIN}` counts again).\n\n"
        f"Signals: `{names.DRAIN}` lets whoever is inside finish while nobody enters, "
        f"`{names.STOP}` ends all journeys now."
    )
