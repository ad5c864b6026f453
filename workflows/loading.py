"""A campaign was started for those who match already: they enter in batches, and an operator may pause that.

It holds no facts. The record says how far the loading has come, so whatever is started anew goes on where it was.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities import contracts
    from engine import names
    from engine.moves import Loaded, LoadingAsk, LoadingStart, LookAgain
    from workflows import options

Verb = Literal["pause", "resume"]


@workflow.defn(name=names.LOADING)
class Loading:
    """The loading workflow."""

    @workflow.init
    def __init__(self, start: LoadingStart) -> None:
        self._start = start
        self._clock = start.at
        self._order: tuple[Verb, datetime] | None = None

    @workflow.run
    async def run(self, start: LoadingStart) -> str:
        """Let people enter until nobody is left or the campaign is stopped; return what became of it."""
        while True:
            loaded = await self._load()
            if loaded is None:
                continue  # another order came in the middle of it
            workflow.set_current_details(_details(loaded))
            if loaded.state == "over":
                return f"{loaded.entered} entered"
            if workflow.info().is_continue_as_new_suggested() and self._order is None:
                workflow.continue_as_new(start)
            if loaded.state == "paused":
                await workflow.wait_condition(lambda: self._order is not None)

    @workflow.signal(name=names.PAUSE)
    def pause(self, said: LookAgain | None = None) -> None:
        """Let nobody in for now who matched at the start; new matches still enter."""
        self._hear("pause", said)

    @workflow.signal(name=names.RESUME)
    def resume(self, said: LookAgain | None = None) -> None:
        """Go on where it was paused."""
        self._hear("resume", said)

    def _hear(self, verb: Verb, said: LookAgain | None) -> None:
        at = said.at if said and said.at else self._now()
        self._clock = max(self._clock, at)
        self._order = (verb, at)

    async def _load(self) -> Loaded | None:
        (verb, ordered_at), self._order = self._order or (None, None), None
        question = LoadingAsk(
            workspace=self._start.workspace,
            campaign=self._start.campaign,
            now=self._now(),
            verb=verb,
            ordered_at=ordered_at,
            started_at=self._start.at,
        )
        loading = workflow.start_activity(
            contracts.load_matches, question, **options.load("let people enter who match already")
        )
        await workflow.wait_condition(lambda: loading.done() or self._order is not None)
        if not loading.done():
            loading.cancel()
        try:
            return await loading
        except ActivityError as error:
            if is_cancelled_exception(error) and self._order is not None:
                return None
            raise

    def _now(self) -> datetime:
        return max(workflow.now(), self._clock)


def _details(loaded: Loaded) -> str:
    return (
        f"**{loaded.state.capitalize()}**: {loaded.entered} of {loaded.matching} who matched at the start entered.\n\n"
        f"Signals: `{names.PAUSE}` lets nobody in for now, `{names.RESUME}` goes on."
    )
