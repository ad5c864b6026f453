"""Stopping a campaign: one row makes it true, and then everybody inside is told, page by page.

Nothing is sent from the moment the row is written, because whoever claims a message reads it. The signals only make
journeys leave now that would otherwise leave when they wake (behaviour 13.01-13.07).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from temporalio import activity
from temporalio.client import Client

from activities.telling import tell
from engine import ids, names
from engine.entry import Refusal
from engine.lifecycle import INHABITED
from engine.moves import CampaignAsk, Inside, LookAgain
from storage import campaigns, changes, outbox, stopping
from storage.database import Connection, Pool
from storage.stopping import StoppingCampaign

STOPPED: Final = "campaign_stopped"
"""Exit reason of whoever is forced out (behaviour 13.05)."""

_PAGE: Final = 200
_EVERYBODY: Final = datetime(9999, 1, 1, tzinfo=UTC)


class Stopping:
    """The `stop_campaign` and `count_inside` activities."""

    def __init__(self, pool: Pool, client: Client) -> None:
        self._pool = pool
        self._client = client

    @activity.defn(name=names.STOP_CAMPAIGN)
    async def stop_campaign(self, ask: CampaignAsk) -> Inside:
        """Write a stop into the record, unless it stands there already, and tell everybody inside if they are to go."""
        async with self._pool.acquire() as connection, connection.transaction():
            campaign = await stopping.find(connection, ask.campaign)
            if campaign is None:
                return Inside(state="deleted", journeys=0)
            is_restarted = campaign.started_at is not None and campaign.started_at > ask.now
            if not is_restarted:
                await _write(connection, campaign, ask)
        if ask.verb == "stop":
            await self._end_journeys(ask, started_until=ask.now if is_restarted else _EVERYBODY)
        return await self.count_inside(ask)

    @activity.defn(name=names.COUNT_INSIDE)
    async def count_inside(self, ask: CampaignAsk) -> Inside:
        """Count who is inside; a campaign that was stopping, and that nobody is in any more, is stopped (13.03)."""
        async with self._pool.acquire() as connection:
            campaign = await stopping.find(connection, ask.campaign)
            inside = await stopping.count_open(connection, ask.campaign)
            if campaign is not None and (campaign.state != "stopping" or inside):
                return Inside(state=campaign.state, journeys=inside)
            async with connection.transaction():
                campaign = await stopping.hold(connection, ask.campaign)
                if campaign is None:
                    return Inside(state="deleted", journeys=0)
                if campaign.state == "stopping" and await campaigns.is_empty(connection, campaign.id):
                    await campaigns.stop(connection, campaign.id, "finish", now=ask.now)
                    return Inside(state="stopped", journeys=0)
                return Inside(state=campaign.state, journeys=await stopping.count_open(connection, campaign.id))

    async def _end_journeys(self, ask: CampaignAsk, *, started_until: datetime) -> None:
        details = activity.info().heartbeat_details
        after: int = details[0] if details else 0
        while True:
            async with self._pool.acquire() as connection:
                page = await stopping.open_page(
                    connection, ask.campaign, after=after, started_until=started_until, limit=_PAGE
                )
            if not page:
                return
            await tell(self._client, self._pool, page, names.END, STOPPED, now=ask.now)
            after = page[-1].id
            activity.heartbeat(after)


async def _write(connection: Connection, campaign: StoppingCampaign, ask: CampaignAsk) -> None:
    """Write the stop that was asked for in the Temporal Web UI; one that came by the API is written already."""
    if campaign.state not in (("starting", "running") if ask.verb == "drain" else INHABITED):
        return
    await changes.begin(connection, campaign.workspace_id)
    await stopping.hold(connection, campaign.id)
    if ask.verb == "drain":
        await campaigns.move(connection, campaign.id, "stopping", now=ask.now)
    else:
        await campaigns.stop(connection, campaign.id, "now", now=ask.now)
    dropped = await campaigns.drop_retries(connection, campaign.id, reason=Refusal.CAMPAIGN_NOT_RUNNING, now=ask.now)
    look_again = LookAgain(at=ask.now).model_dump(mode="json")
    waiting = [
        ids.journey_workflow(campaign.workspace_id, campaign.id, person, occurrence) for person, occurrence in dropped
    ]
    await outbox.add(connection, [outbox.signal(one, names.LOOK_AGAIN, look_again) for one in waiting], now=ask.now)
