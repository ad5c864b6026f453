"""Rules that say what a test tells them to say, so that a workflow can be watched carrying it out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from engine import names
from engine.moves import (
    Act,
    Ask,
    CampaignAsk,
    EditStart,
    Go,
    Inside,
    JourneyStart,
    Leave,
    Loaded,
    LoadingAsk,
    Move,
    ResendStart,
    Send,
    Verdict,
    Wait,
)
from workflows.campaign import Campaign
from workflows.edit import Edit
from workflows.journey import Journey
from workflows.loading import Loading
from workflows.resend import Resend

Reply = Verdict | Callable[[Ask], Awaitable[Move]]

GO = Go()

LEAVE = Leave(turn=99, reason="finished", text="The journey is finished.")


def wait(turn: int, until: datetime) -> Wait:
    return Wait(turn=turn, until=until, text=f"wait at block pause until {until:%Y-%m-%d %H:%M} UTC")


def send(turn: int, block: str = "hello") -> Send:
    return Send(turn=turn, block=block, channel="email", text=f"send email {block}")


def act(turn: int) -> Act:
    return Act(turn=turn, block="mark", text="update the person at block mark")


class ScriptedRules:
    """Activities that reply in the order given, and remember what they were asked."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.asked: list[tuple[str, Ask]] = []
        self.campaign_asked: list[CampaignAsk] = []
        self.inside = Inside(state="running", journeys=3)
        self.edits: list[EditStart] = []
        self.loading_asked: list[LoadingAsk] = []
        self.loads: list[Loaded] = []

    @property
    def questions(self) -> list[str]:
        return [name for name, _ in self.asked]

    @activity.defn(name=names.NEXT_MOVE)
    async def next_move(self, ask: Ask) -> Move:
        answer: Move = await self._reply(names.NEXT_MOVE, ask)
        return answer

    @activity.defn(name=names.CHECK_EXIT)
    async def check_exit(self, ask: Ask) -> Verdict:
        answer: Verdict = await self._reply(names.CHECK_EXIT, ask)
        return answer

    @activity.defn(name=names.SEND)
    async def send(self, ask: Ask) -> Move:
        answer: Move = await self._reply(names.SEND, ask)
        return answer

    @activity.defn(name=names.ACT)
    async def act(self, ask: Ask) -> Move:
        answer: Move = await self._reply(names.ACT, ask)
        return answer

    @activity.defn(name=names.STOP_CAMPAIGN)
    async def stop_campaign(self, ask: CampaignAsk) -> Inside:
        self.campaign_asked.append(ask)
        self.inside = Inside(state="stopped" if ask.verb == "stop" else "stopping", journeys=self.inside.journeys)
        return self.inside

    @activity.defn(name=names.COUNT_INSIDE)
    async def count_inside(self, ask: CampaignAsk) -> Inside:
        self.campaign_asked.append(ask)
        return self.inside

    @activity.defn(name=names.RESEND_DELIVERY)
    async def resend_delivery(self, ask: ResendStart) -> str:
        return "sent"

    @activity.defn(name=names.WAKE_WAITING)
    async def wake_waiting(self, edit: EditStart) -> int:
        self.edits.append(edit)
        return 3

    @activity.defn(name=names.LOAD_MATCHES)
    async def load_matches(self, ask: LoadingAsk) -> Loaded:
        self.loading_asked.append(ask)
        return self.loads.pop(0)

    async def _reply(self, name: str, ask: Ask) -> Any:
        self.asked.append((name, ask))
        reply = self.replies.pop(0)
        return await reply(ask) if callable(reply) else reply

    def worker(self, environment: WorkflowEnvironment, queue: str, **options: object) -> Worker:
        return Worker(
            environment.client,
            task_queue=queue,
            workflows=[Journey, Campaign, Resend, Edit, Loading],
            activities=[
                self.next_move,
                self.check_exit,
                self.send,
                self.act,
                self.stop_campaign,
                self.count_inside,
                self.resend_delivery,
                self.wake_waiting,
                self.load_matches,
            ],
            **options,  # type: ignore[arg-type]  # whatever the test wants to set
        )


class Journeys:
    """Starts one journey on a queue of its own; its clock stands still until the test moves it."""

    def __init__(self, environment: WorkflowEnvironment) -> None:
        self.environment = environment
        self.queue = f"test-{uuid4()}"
        self.now = datetime.now(UTC)

    def later(self, **units: float) -> datetime:
        return self.now + timedelta(**units)

    async def start(self, first: Move | None = None, *, at: datetime | None = None) -> WorkflowHandle[Journey, str]:
        start = JourneyStart(journey=1, turn=first.turn if first else 0, at=at or self.now, first=first)
        with self.environment.with_time_skipping_disabled():
            return await self.environment.client.start_workflow(
                Journey.run, start, id=f"journey:1:7:9:{uuid4()}", task_queue=self.queue
            )

    @asynccontextmanager
    async def ruled_by(self, *replies: Reply) -> AsyncIterator[ScriptedRules]:
        rules = ScriptedRules(*replies)
        async with rules.worker(self.environment, self.queue):
            yield rules
