"""A birthday is a row with its next instant, per person and campaign, so that nobody is scanned at nine o'clock.

Rows are written when something about the person changes (`Batch.settle`), when a date has come, and page by page for
everybody when a campaign starts or its date settings change (behaviour 1.68, 1.71, 15.34). A page knows people as they
are now and looks forward from the start or the edit, so what an input has written since then is not its business: it
would bring back a time of day that was over when the date was set (1.67).
"""

from __future__ import annotations

from typing import Final

from engine.triggers import DateTrigger
from intake.people import People
from intake.processor import Processor
from storage import definitions, people, schedules
from storage.database import Connection
from storage.people import PersonRow

_PAGE: Final = 500


async def compute_dates(connection: Connection, processor: Processor, workspace_id: int) -> bool:
    """Compute the next dates of a page of people, for a campaign that asks for them; say whether there was one.

    Nothing is decided meanwhile: the page holds the definitions, which everybody holds who decides.
    """
    campaign_id = await schedules.to_compute(connection, workspace_id)
    if campaign_id is None:
        return False
    await definitions.keep_out(connection, workspace_id)
    catalog = await processor.catalogs.current(connection, workspace_id)
    enterable = catalog.campaigns.get(campaign_id)
    trigger = enterable.campaign.trigger if enterable else None
    progress = await schedules.date_progress(connection, campaign_id)
    page: list[PersonRow] = []
    if not isinstance(trigger, DateTrigger):  # it was stopped meanwhile: what was found before must not stay due
        if await schedules.drop_outdated(connection, campaign_id, limit=_PAGE):
            return True
    elif progress is not None:
        page = await people.page(connection, workspace_id, after=progress.cursor, limit=_PAGE)
        found = People(page).all
        fires = [(person.id, person.next_fire(trigger, after=progress.after)) for person in found]
        await schedules.compute_dates(connection, campaign_id, fires)
    await schedules.advance_dates(connection, campaign_id, page[-1].id if page else None)
    return True
