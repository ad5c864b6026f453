"""An edit reaches those who wait: whose block asks for something else now is told to look again, and nobody else.

Who waits for the same instant as before is not even signalled, so a save that leaves the waits alone costs journeys
nothing, however many there are.
"""

from __future__ import annotations

from typing import Final

from temporalio import activity
from temporalio.client import Client

from activities.situations import Situations
from activities.telling import tell
from engine import names
from engine.moves import EditStart, LookAgain
from storage import waiting
from storage.database import Connection, Pool
from storage.waiting import WaitingJourney

_PAGE: Final = 500


class Waking:
    """The `wake_waiting` activity."""

    def __init__(self, pool: Pool, client: Client, situations: Situations) -> None:
        self._pool = pool
        self._client = client
        self._situations = situations

    @activity.defn(name=names.WAKE_WAITING)
    async def wake_waiting(self, edit: EditStart) -> int:
        """Tell every journey that waits in a block that was edited to look again; return how many were told.

        What counts is the latest version, which may be later than the edit: journeys look at no other.
        """
        details = activity.info().heartbeat_details
        after, woken = (int(details[0]), int(details[1])) if details else (0, 0)
        look_again = LookAgain(at=edit.at).model_dump(mode="json")
        known: dict[tuple[int, int, str], bool] = {}
        while True:
            async with self._pool.acquire() as connection:
                page = await waiting.page(connection, edit.campaign, after=after, limit=_PAGE)
                for one in page:
                    if (place := _place(one)) not in known:
                        known[place] = await self._is_changed(connection, one)
            concerned = [one for one in page if known[_place(one)]]
            await tell(self._client, self._pool, concerned, names.LOOK_AGAIN, look_again, now=edit.at)
            if not page:
                return woken
            after, woken = page[-1].id, woken + len(concerned)
            activity.heartbeat(after, woken)

    async def _is_changed(self, connection: Connection, journey: WaitingJourney) -> bool:
        before = await self._situations.campaign(connection, journey.campaign_id, journey.version)
        latest = await self._situations.campaign(connection, journey.campaign_id, journey.latest_version)
        return before.plan.is_changed_in(latest.plan, journey.block)


def _place(journey: WaitingJourney) -> tuple[int, int, str]:
    """Return where a journey waits: millions do, in few places."""
    return journey.version, journey.latest_version, journey.block
