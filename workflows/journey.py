"""One person's passage through one campaign: a loop that carries moves out and knows no rules.

What to do next is decided by activities (`activities/`) and recorded in the history, so rules may change at any deploy
while journeys sleep for months. Handlers only note what was said; the loop acts on it.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities import contracts
    from engine import names
    from engine.moves import Act, Ask, Go, JourneyStart, Leave, LookAgain, Move, Send, Wait
    from workflows import options, waiting
    from workflows.asking import ask


@workflow.defn(name=names.JOURNEY)
class Journey:
    """The journey workflow."""

    @workflow.init
    def __init__(self, start: JourneyStart) -> None:
        self._journey = start.journey
        self._clock = start.at
        self._ending = start.ending
        self._news = start.ending is not None
        """Something was said since the record was last asked. Taken back before asking, never after."""

    @workflow.run
    async def run(self, start: JourneyStart) -> str:
        """Carry out moves until one says to leave; return the reason."""
        move = start.first or await self._what_next(start.turn)
        while not isinstance(move, Leave):
            workflow.set_current_details(move.text)
            try:
                move = await self._carry_out(move)
            except (ActivityError, asyncio.CancelledError) as error:
                # Cancelled by `end` or in the Web UI, or failed there by hand. The record knows how far it came.
                if is_cancelled_exception(error):
                    self.end()
                move = await self._what_next(move.turn)
        workflow.set_current_details(move.text)
        return move.reason

    @workflow.signal(name=names.LOOK_AGAIN)
    def look_again(self, said: LookAgain | None = None) -> None:
        """Something changed that may matter here."""
        self._news = True
        if said and said.at:
            self._clock = max(self._clock, said.at)

    @workflow.signal(name=names.END)
    def end(self, reason: str | None = None) -> None:
        """An operator ends this journey; the first reason given stands."""
        self._news = True
        self._ending = self._ending or reason or "manual"

    async def _carry_out(self, move: Wait | Send | Act) -> Move:
        if isinstance(move, Wait):
            return await self._wait(move)
        if isinstance(move, Send):
            return await self._send(move)
        question = self._question(move.turn, move.block)
        if move.slow:
            return await workflow.execute_activity(contracts.act, question, **options.search(move.text))
        return await ask(contracts.act, question, move.text)

    async def _wait(self, move: Wait) -> Move:
        if workflow.info().is_continue_as_new_suggested():
            await self._start_over(move)
        await waiting.until(move.until, now=self._now(), news=self._is_told, text=move.text)
        if not self._is_told():
            self._clock = max(self._clock, move.until)
        return await self._what_next(move.turn)

    def _is_told(self) -> bool:
        # A wait that follows an end is an answer from before it, given again: whoever asks anew is told to leave.
        return self._news or self._ending is not None

    async def _send(self, move: Send) -> Move:
        question = self._question(move.turn, move.block)
        checked = await ask(contracts.check_exit, question, f"check exit before {move.block}")
        if not isinstance(checked, Go):
            return checked
        question = self._question(move.turn, move.block)
        queue = move.queue or options.queue_of(workflow.info().task_queue, move.channel)
        sending = workflow.start_activity(contracts.send, question, **options.send(move.text, queue))
        await workflow.wait_condition(lambda: sending.done() or self._ending is not None)
        if not sending.done():
            sending.cancel()
        return await sending

    async def _what_next(self, turn: int) -> Move:
        return await ask(contracts.next_move, self._question(turn), "what next")

    def _question(self, turn: int, block: str | None = None) -> Ask:
        self._news = False
        return Ask(journey=self._journey, turn=turn, now=self._now(), block=block, ending=self._ending)

    def _now(self) -> datetime:
        """The later of Temporal's clock and the latest instant heard: a signal is never from the future."""
        return max(workflow.now(), self._clock)

    async def _start_over(self, move: Wait) -> None:
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(
            JourneyStart(
                journey=self._journey,
                turn=move.turn,
                at=self._now(),
                first=None if self._news else move,
                ending=self._ending,
            )
        )
