"""One whole Sojourn for a test: real PostgreSQL, real Temporal, the real API, intake and worker; and one clock.

    async def test_a_person_who_matches_after_29_minutes_enters(world):
        await world.segment("paying", {"attribute": "plan", "equals": "pro"})
        await world.campaign(trigger={"event": "purchase"}, filters={"in": "paying"}, workflow=[email("thanks")])
        await world.event("ada", "purchase")
        await world.advance(minutes=29)
        await world.identify("ada", plan="pro")
        assert ["thanks"] == world.subjects()

People and events come in through the Track API as from any client; campaigns, segments and everything that is looked at
go through the management API. `advance` moves intake's clock and every journey's together, stopping at each due instant
on the way, so things happen in the order in which they would. After every step the world is settled: whatever could
happen by now has happened.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

import httpx
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from activities.tracking import Tracker
from api.app import create_app
from api.inbox_writer import InboxWriter
from api.keyring import Keyring
from api.services import Services
from channels.webhook import WebhookChannel
from engine import ids
from engine.tracked_links import TrackedLinks
from intake.loop import Intake
from storage import keys, tracking
from storage.database import Pool
from tests.clock import WorldClock
from tests.recording import Mail, RecordingChannel
from tests.stillness import MOVING, NEXT_DUE, OPEN, REDELIVERED, TOLD, is_busy, pauses
from workers.journeys import Engine

BEGINNING: Final = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
"""A Monday morning, later than any machine's clock will soon be: journeys' clocks only move forward."""

SENDER: Final = "Sojourn <hello@sojourn.example>"
_SECRET: Final = "test"
_PATIENCE: Final = 25.0  # real seconds; a stopped worker may leave a task behind that Temporal hands on after ten
_LOOK: Final = 0.003
_LOOKS: Final = 30
_MOMENT: Final = timedelta(seconds=2)  # what is due so soon after a step belongs to it: blocks take real moments
_WORKSPACES: Final = count(1000)


def email(block: str, **fields: Any) -> dict[str, Any]:
    """Return an email block whose subject, unless given, is its id."""
    return {"email": {"id": block, "subject": block, "body": "<p>Hello</p>"} | fields}


class World:
    """See the module. Made by the `world` fixture."""

    def __init__(
        self,
        pool: Pool,
        temporal: WorkflowEnvironment,
        http: httpx.AsyncClient,
        clock: WorldClock,
        workspace: int,
        tracker: Tracker | None,
    ) -> None:
        self.pool = pool
        self.workspace = workspace
        self.clock = clock
        self.http = http
        """Authenticated for both APIs, for what has no method here."""
        self.mailbox = RecordingChannel(clock)
        self.webhooks = WebhookChannel(tls_context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        self._temporal = temporal
        self._tracker = tracker
        self._task_queue = f"world-{uuid4()}"
        self._intake = Intake(pool, clock)
        self._engine = self._new_engine()

    # Writing

    async def campaign(self, key: str = "campaign", *, start: bool = True, **document: Any) -> None:
        """Save a campaign under a key and start it, unless told otherwise."""
        saved = await self.http.put(f"/sojourn/v1/campaigns/{key}", json={"name": key} | document)
        _check(saved)
        if start:
            await self.start(key)
        await self._edited(key, saved.json()["version"])

    async def _edited(self, key: str, version: int) -> None:
        """Return when those who wait in a block that was edited have been woken and have gone on."""
        edit = ids.edit_workflow(self.workspace, (await self.get(f"campaigns/{key}"))["id"], version)
        await self.settle()
        try:
            await self._temporal.client.get_workflow_handle(edit).result()
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:  # nobody could be concerned
                return
            raise
        for row in await self.pool.fetch(OPEN, None):
            workflow = self._temporal.client.get_workflow_handle(ids.journey_workflow(*row))
            while is_busy(await workflow.describe()):
                await asyncio.sleep(_LOOK)
        await self.settle()

    async def start(self, key: str = "campaign", **how: Any) -> None:
        """Start a campaign; `how` is `matches`, `since`, `rate` of a condition campaign."""
        _check(await self.http.post(f"/sojourn/v1/campaigns/{key}/start", json=how))
        await self.settle()

    async def stop(self, key: str = "campaign", *, mode: str = "now") -> None:
        """Stop a campaign: `now` ends everybody inside, `finish` lets them go on."""
        _check(await self.http.post(f"/sojourn/v1/campaigns/{key}/stop", json={"mode": mode}))
        await self.settle()

    async def segment(self, key: str, condition: Mapping[str, Any]) -> None:
        """Save a data-driven segment; it is built when this returns."""
        _check(await self.http.put(f"/sojourn/v1/segments/{key}", json={"name": key, "condition": condition}))
        await self.settle()

    async def identify(self, person: str, **attributes: Any) -> None:
        """Make or change a person; without an address of their own they have one at example.com."""
        if "@" not in person and "email" not in attributes and not attributes.get("_update"):
            attributes["email"] = f"{person}@example.com"
        _check(await self.http.put(f"/api/v1/customers/{quote(person, safe='')}", json=attributes))
        await self.settle()

    async def event(self, person: str, name: str, data: Mapping[str, Any] | None = None, **fields: Any) -> None:
        """Tell an event; `fields` are `id`, `timestamp`, `type`."""
        body = {"name": name, "data": data or {}} | fields
        _check(await self.http.post(f"/api/v1/customers/{quote(person, safe='')}/events", json=body))
        await self.settle()

    async def delete(self, person: str) -> None:
        """Delete a person."""
        _check(await self.http.delete(f"/api/v1/customers/{quote(person, safe='')}"))
        await self.settle()

    async def settle_delivery(self, delivery: Mapping[str, Any], action: str) -> dict[str, Any]:
        """Settle a delivery as an operator does; return it as it is once that is done."""
        row = await self.pool.fetchrow("SELECT id, attempts FROM deliveries WHERE public_id = $1", delivery["id"])
        assert row is not None
        _check(await self.http.post(f"/sojourn/v1/deliveries/{delivery['id']}/settle", json={"action": action}))
        await self.settle()
        if action == "resend":
            resend = ids.resend_workflow(row["id"], row["attempts"] + 1)
            await self._temporal.client.get_workflow_handle(resend).result()
        return dict(await self.get(f"deliveries/{delivery['id']}"))

    async def tried_again(self, delivery: Mapping[str, Any]) -> dict[str, Any]:
        """Return a delivery that is `attempted` once it has been tried again.

        The pause before that is Temporal's and really passes, a second unless the failure asks for less: where a pause
        is simulated, the server forgets that somebody waits for its end. So let no time pass for such a journey.
        """
        async with asyncio.timeout(_PATIENCE):
            while True:
                now = dict(await self.get(f"deliveries/{delivery['id']}"))
                if now["updated_at"] != delivery["updated_at"] and now["state"] != "handing_over":
                    await self.settle()
                    return now
                await asyncio.sleep(_LOOK)

    async def suppress_address(self, address: str) -> None:
        """Suppress an address, as after a hard bounce."""
        path = f"/sojourn/v1/suppressed-addresses/{quote(address, safe='')}"
        _check(await self.http.put(path, json={"reason": "bounced"}))

    # Looking

    @property
    def now(self) -> datetime:
        """The present instant, everywhere in this world."""
        return self.clock()

    @property
    def mails(self) -> list[Mail]:
        """What was handed over to the email provider, in order."""
        return self.mailbox.mails

    def subjects(self, to: str | None = None) -> list[str]:
        """Return the subjects of all mails, or of those to one address."""
        return [mail.subject for mail in self.mails if to is None or mail.to == to]

    async def journeys(self, person: str) -> list[dict[str, Any]]:
        """Return a person's journeys with their logs, oldest first, as the API shows them."""
        listed = await self.get(f"people/{quote(person, safe='')}/journeys")
        return [await self.get(f"journeys/{one['id']}") for one in reversed(listed["items"])]

    async def journey(self, person: str) -> dict[str, Any]:
        """Return the only journey of a person."""
        (journey,) = await self.journeys(person)
        return journey

    async def refusals(self, person: str) -> list[dict[str, Any]]:
        """Return what a person triggered without entering, oldest first."""
        listed = await self.get(f"people/{quote(person, safe='')}/refusals")
        return list(reversed(listed["items"]))

    async def deliveries(self, person: str) -> list[dict[str, Any]]:
        """Return the messages for a person with their contents, oldest first."""
        listed = await self.get(f"people/{quote(person, safe='')}/deliveries")
        return [await self.get(f"deliveries/{one['id']}") for one in reversed(listed["items"])]

    async def get(self, path: str) -> Any:
        """Read from the management API."""
        answer = await self.http.get(f"/sojourn/v1/{path}")
        _check(answer)
        return answer.json()

    def workflow(self, journey: Mapping[str, Any]) -> WorkflowHandle[Any, Any]:
        """Return the Temporal workflow of a journey, as an operator finds it in the Web UI."""
        return self._temporal.client.get_workflow_handle(journey["workflow_id"])

    async def campaign_workflow(self, key: str = "campaign") -> WorkflowHandle[Any, Any]:
        """Return the Temporal workflow of a campaign."""
        number = (await self.get(f"campaigns/{key}"))["id"]
        return self._temporal.client.get_workflow_handle(ids.campaign_workflow(self.workspace, number))

    async def signal(self, workflow: WorkflowHandle[Any, Any], name: str, *arguments: Any) -> None:
        """Signal a workflow as an operator does in the Temporal Web UI, past our API."""
        await workflow.signal(name, args=arguments)
        while is_busy(await workflow.describe()):
            await asyncio.sleep(_LOOK)
        await self.settle()

    # Time

    async def advance(self, **units: float) -> None:
        """Let time pass: `days`, `hours`, `minutes`, `seconds`, as in timedelta."""
        target = self.now + timedelta(**units)
        await self.settle()
        while (due := await self._next_due()) is not None and due <= target + _MOMENT:
            self.clock.jump(due)
            await self.settle()
        self.clock.jump(target)
        await self._wake(None)
        await self.settle()

    async def settle(self) -> None:
        """Return when everything that can happen by now has happened."""
        patience = time.monotonic() + _PATIENCE
        now = self.now  # the clock runs on: what becomes due meanwhile is left to the next step
        await self._wake(now)
        while True:
            await self._intake.settle()
            await self._engine.dispatcher.settle()
            moving = await self.pool.fetch(MOVING, now)
            if not moving and not await self._is_anybody_told():
                return
            if time.monotonic() > patience:
                raise TimeoutError(f"The world does not come to rest: {', '.join(row[0] for row in moving)}.")
            await asyncio.sleep(_LOOK)

    async def _is_anybody_told(self) -> bool:
        """Whether a journey has been told to look again and has not looked: the record does not know of signals."""
        for row in await self.pool.fetch(TOLD):
            handle = self._temporal.client.get_workflow_handle(ids.journey_workflow(*row))
            if is_busy(described := await handle.describe()) and not pauses(described):
                return True
        return False

    async def restart_worker(self) -> None:
        """Stop the worker cleanly and start another on the same queue, as a deploy does."""
        await self._engine.stop()
        await self._engine.start()

    async def restart(self) -> None:
        """Stop intake and worker cleanly and start others in their place, which remember nothing."""
        await self._engine.stop()
        self._intake = Intake(self.pool, self.clock)
        self._engine = self._new_engine()
        await self._engine.start()

    @asynccontextmanager
    async def without_worker(self, **units: float) -> AsyncIterator[None]:
        """Take the worker away, and let time pass before it comes back: what is done inside waits for it."""
        await self._engine.stop()
        yield
        self.clock.jump(self.now + timedelta(**units))
        await asyncio.gather(self._wake(None), self._engine.start())
        await self.settle()

    def _new_engine(self) -> Engine:
        return Engine.build(
            pool=self.pool,
            client=self._temporal.client,
            channels={"email": self.mailbox, "webhook": self.webhooks},
            clock=self.clock,
            task_queue=self._task_queue,
            sender=SENDER,
            tracker=self._tracker,
            sandbox=True,
        )

    async def _next_due(self) -> datetime | None:
        instants = [await self.pool.fetchval(NEXT_DUE), await self._intake.next_due()]
        return min((instant for instant in instants if instant is not None), default=None)

    async def _wake(self, due: datetime | None) -> None:
        """Bring the clocks of the journeys that are due, or of all open ones, to the present."""
        workflows = [ids.journey_workflow(*row) for row in await self.pool.fetch(OPEN, due)]
        if due is None:
            workflows += [ids.redelivery_workflow(row[0]) for row in await self.pool.fetch(REDELIVERED)]
        await asyncio.gather(*map(self._forward, workflows))

    async def _forward(self, workflow_id: str) -> None:
        handle = self._temporal.client.get_workflow_handle(workflow_id)
        try:
            async with asyncio.timeout(_PATIENCE):
                # The server jumps wrongly, or never says that it did, while a task or an activity is under way.
                while is_busy(described := await handle.describe()):
                    if pauses(described):
                        return
                    await asyncio.sleep(_LOOK)
                # The world's clock is read first: a journey may lag behind it by a moment, and never runs ahead.
                now = self.now
                behind = now - await self._temporal.get_current_time(handle)
                if behind > timedelta():
                    await self._temporal.fast_forward(handle, behind)
                # Whoever asks next must not find the time from before, and jump the same way twice. But a timer that
                # has ended on the way stops the clock until a worker has taken note.
                for _ in range(_LOOKS):
                    if now - await self._temporal.get_current_time(handle) <= _MOMENT:
                        break
                    await asyncio.sleep(_LOOK)
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:  # it ended in this moment
                raise

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        await self._engine.start()
        try:
            yield
        finally:
            await self._engine.stop()


@asynccontextmanager
async def open_world(
    pool: Pool, temporal: WorkflowEnvironment, *, public_url: str | None = None
) -> AsyncIterator[World]:
    """Run a world on an empty, migrated database. Messages are tracked if it has a public address."""
    clock = WorldClock(BEGINNING)
    async with pool.acquire() as connection:
        # Worlds share one Temporal. Workflow ids are made of workspaces and deliveries, so each world has its own.
        number = next(_WORKSPACES)
        await connection.execute(f"ALTER TABLE workspaces ALTER COLUMN id RESTART WITH {number}")
        await connection.execute(f"ALTER TABLE deliveries ALTER COLUMN id RESTART WITH {number * 1000}")
        workspace = await keys.open_workspace(connection, "test", now=clock())
        await keys.add(connection, workspace, "track", _SECRET, site_id=_SECRET, now=clock())
        await keys.add(connection, workspace, "app", _SECRET, now=clock())
        links = TrackedLinks(await tracking.link_secret(connection))
    tracker = Tracker(public_url=public_url, links=links) if public_url else None
    async with InboxWriter(pool) as writer:
        keyring = Keyring(pool)
        services = Services(pool=pool, clock=clock, writer=writer, keyring=keyring, default_sender=SENDER, links=links)
        transport = httpx.ASGITransport(create_app(services))
        async with httpx.AsyncClient(transport=transport, base_url="http://world", auth=_authenticate) as http:
            world = World(pool, temporal, http, clock, workspace, tracker)
            with temporal.with_time_skipping_disabled():
                async with world._running():
                    yield world
            await world.webhooks.close()


def _authenticate(request: httpx.Request) -> httpx.Request:
    credentials = httpx.BasicAuth(_SECRET, _SECRET)
    if request.url.path.startswith("/sojourn/"):
        request.headers["Authorization"] = f"Bearer {_SECRET}"
        return request
    return next(credentials.auth_flow(request))


def _check(answer: httpx.Response) -> None:
    if not answer.is_success:
        raise AssertionError(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}")


def kinds(journey: Mapping[str, Any]) -> Sequence[str]:
    """Return the kinds of a journey's log lines, in order."""
    return [line["kind"] for line in journey["decisions"]]
