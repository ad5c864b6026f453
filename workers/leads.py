"""Leads that Facebook has announced are fetched here and go into the inbox as submissions of their form (1.87).

Part of the intake process, beside the loop that applies inputs, which must never wait for somebody else's server. Any
number of processes may do so; a lead is fetched by whoever claims it first.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final

import asyncpg

from channels.channel import TryLater
from channels.facebook import Graph
from engine.errors import InputError
from engine.forms import RESERVED
from intake.forms import submission
from runtime import metrics
from runtime.clock import Clock
from runtime.settings import Settings
from storage import forms, inbox, leads
from storage.database import RECORD_AWAY, Connection, Pool
from storage.inbox import Input
from storage.leads import Lead
from storage.wakeups import Wakeups

GIVE_UP_AFTER: Final = timedelta(days=7)
"""Whatever keeps a lead away has been mended by then, or somebody asks for it by hand."""

_AT_ONCE: Final = 10
_CLAIM: Final = timedelta(minutes=2)
"""How long a claimed lead is left to whoever claimed it: longer than Facebook is waited for."""
_FIRST_PAUSE: Final = timedelta(seconds=10)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_PATIENCE: Final = 5.0  # seconds until we look by ourselves

_log = logging.getLogger(__name__)


class Leads:
    """Fetches what is due."""

    def __init__(self, pool: Pool, graph: Graph, clock: Clock) -> None:
        self._pool = pool
        self._graph = graph
        self._clock = clock

    async def work(self) -> bool:
        """Fetch some leads that are due; return whether there were any, so that it is worth coming back."""
        async with self._pool.acquire() as connection:
            now = self._clock()
            claimed = await leads.claim(connection, now=now, until=now + _CLAIM, limit=_AT_ONCE)
        await asyncio.gather(*(self._fetch(lead) for lead in claimed))
        return bool(claimed)

    async def _fetch(self, lead: Lead) -> None:
        try:
            answers = await self._graph.lead(lead.lead_id)
        except TryLater as error:
            await self._put_off(lead, error.reason)
            return
        fields = {name: text for name, text in answers.items() if name not in RESERVED}
        async with self._pool.acquire() as connection:
            try:
                await self._take_in(connection, lead, fields)
            except (InputError, asyncpg.DataError) as error:
                # Its form is known now; once a field is mapped to `id` or `email`, it is fetched again.
                await leads.postpone(connection, lead, None, str(error))
                _log.warning("lead %s of form %s cannot be taken in: %s", lead.lead_id, lead.form_id, error)

    async def _take_in(self, connection: Connection, lead: Lead, fields: dict[str, str]) -> None:
        now = self._clock()
        mapping = await forms.ensure(connection, lead.workspace_id, lead.form_id, "facebook", fields, now=now)
        payload = submission(lead.form_id, "facebook", fields, mapping, key=f"fb:{lead.lead_id}", at=lead.submitted_at)
        async with connection.transaction():
            if await leads.remove(connection, lead):
                await inbox.append(connection, [Input(lead.workspace_id, "form", payload, now)])

    async def _put_off(self, lead: Lead, reason: str) -> None:
        now = self._clock()
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(lead.attempts - 1, 10))
        due_at = now + pause if now + pause - lead.received_at < GIVE_UP_AFTER else None
        async with self._pool.acquire() as connection:
            await leads.postpone(connection, lead, due_at, reason)
        if due_at is None:
            _log.error("lead %s of form %s is given up: %s", lead.lead_id, lead.form_id, reason)
        else:
            _log.warning("lead %s of form %s is tried again at %s: %s", lead.lead_id, lead.form_id, due_at, reason)


@asynccontextmanager
async def fetched(pool: Pool, settings: Settings, clock: Clock) -> AsyncIterator[None]:
    """Fetch leads for as long as the block runs, if Facebook is set up."""
    token, secret = settings.facebook_page_access_token, settings.facebook_app_secret
    if token is None or secret is None:
        yield
        return
    async with Graph(settings.facebook_graph_url, token.get_secret_value(), secret.get_secret_value()) as graph:
        running = asyncio.create_task(_run(Leads(pool, graph, clock), pool), name="leads")
        try:
            yield
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


async def _run(fetching: Leads, pool: Pool) -> None:
    while True:
        try:
            async with Wakeups(pool, leads.CHANNEL) as wakeups:
                while True:
                    if not await fetching.work():
                        await wakeups.wait(_PATIENCE)
        except RECORD_AWAY as error:
            metrics.record_failed("leads")
            _log.warning("leads cannot be fetched while the record is away: %r", error)
        except Exception:
            # A mistake of ours must be seen, and must not keep later leads waiting.
            _log.exception("fetching leads failed")
        await asyncio.sleep(_PATIENCE)
