"""A campaign that is over is put away: it stays to be read, and holds no segment back any more (behaviour 3.30, 3.31).

Bringing it back brings back the segments that it uses, or it would come back without its ground.
"""

from __future__ import annotations

from datetime import datetime

from engine import campaigns as documents
from engine import unknown
from engine.lifecycle import Action, State, next_state
from intake.segment_lifecycle import bring_back
from storage import campaigns, changes, segment_definitions
from storage.campaigns import CampaignRow
from storage.database import Connection


async def archive_campaign(connection: Connection, workspace_id: int, key: str, *, now: datetime) -> State:
    """Put a campaign away that nobody is inside: a draft, or one that is stopped.

    Raises NotFound, and Conflict if it has to be stopped first.
    """
    async with connection.transaction():
        _, state = await _move(connection, workspace_id, key, "archive", now=now)
        return state


async def unarchive_campaign(connection: Connection, workspace_id: int, key: str, *, now: datetime) -> State:
    """Bring a campaign back, stopped, with every archived segment that it uses (behaviour 3.30, 13.14).

    Raises NotFound, and Conflict if it is not archived.
    """
    async with connection.transaction():
        campaign, state = await _move(connection, workspace_id, key, "unarchive", now=now)
        used = documents.segments_used(documents.parse(campaign.document))
        known = await segment_definitions.all_of(connection, workspace_id)
        await bring_back(connection, workspace_id, used, known, now=now)
        return state


async def _move(
    connection: Connection, workspace_id: int, key: str, action: Action, *, now: datetime
) -> tuple[CampaignRow, State]:
    await changes.begin(connection, workspace_id)
    campaign = await campaigns.find(connection, workspace_id, key)
    if campaign is None:
        raise unknown.campaign(key)
    state = next_state(campaign.state, action, is_empty=True)
    await campaigns.move(connection, campaign.id, state, now=now)
    return campaign, state
