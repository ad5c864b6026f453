"""Before a start somebody looks a campaign through: what is wrong in it, and what in the record belies it.

The errors are decided inside the transaction of the start, by segments alone. What is merely worth knowing takes longer
to look up, so it is noticed before, while nobody waits for the definitions (behaviour 12.01-12.03).
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from engine.campaigns import Campaign
from engine.conditions import touches
from engine.goals import EventGoal
from engine.review import Finding, review
from engine.triggers import ConditionTrigger, DateTrigger, EventTrigger
from storage import matched, reviewing, segment_definitions
from storage.database import Connection

_FORM = "form"


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """What the record says of the names in a campaign. None is that nobody looked, or nobody can say."""

    events: AbstractSet[tuple[str, str]] | None = None
    forms: AbstractSet[str] | None = None
    attributes: AbstractSet[str] | None = None
    matching: int | None = None
    """0 if nobody matches the trigger."""


NOTHING_NOTICED = Noticed()


async def notice(connection: Connection, workspace_id: int, campaign: Campaign) -> Noticed:
    """Look up whether what a campaign names was ever seen, and whether anybody matches it."""
    trigger, goal = campaign.trigger, campaign.goal
    asked = {(one.kind, one.name) for one in (trigger, goal) if isinstance(one, EventTrigger | EventGoal)}
    events = {one for one in asked if one[0] != _FORM}
    forms = {name for kind, name in asked if kind == _FORM}
    names = {str(trigger.path.steps[0])} if isinstance(trigger, DateTrigger) else set()
    return Noticed(
        events=await reviewing.known_events(connection, workspace_id, events),
        forms={one for one in forms if await reviewing.is_form_known(connection, workspace_id, one)},
        attributes={one for one in names if await reviewing.is_attribute_known(connection, workspace_id, one)},
        matching=await _matching(connection, workspace_id, trigger) if isinstance(trigger, ConditionTrigger) else None,
    )


async def findings(
    connection: Connection,
    workspace_id: int,
    campaign: Campaign,
    *,
    noticed: Noticed = NOTHING_NOTICED,
    default_sender: str | None,
    channels: AbstractSet[str] | None,
) -> list[Finding]:
    """Return what keeps a campaign from starting, and what its writer may want to look at."""
    segments = await segment_definitions.all_of(connection, workspace_id)
    return review(
        campaign,
        known_segments={segment.key for segment in segments},
        archived_segments={segment.key for segment in segments if segment.state == "archived"},
        manual_segments={segment.key for segment in segments if segment.kind == "manual"},
        known_events=noticed.events,
        known_forms=noticed.forms,
        known_attributes=noticed.attributes,
        channels=channels,
        default_sender=default_sender or "",
        matching_now=noticed.matching,
    )


async def _matching(connection: Connection, workspace_id: int, trigger: ConditionTrigger) -> int | None:
    """Return 0 if nobody matches; None while a segment of the trigger is not there, is being built or is archived."""
    segments = {segment.key: segment for segment in await segment_definitions.all_of(connection, workspace_id)}
    if any(segment.key not in segments for segment in trigger.segments):
        return None
    asked = touches(trigger.condition).segments
    if any(key not in segments or segments[key].state != "ready" for key in asked):
        return None  # nobody is known to be in it, and that says nothing of who will be
    ids = {key: segments[key].id for key in asked}
    first = await matched.page(connection, workspace_id, trigger.condition, ids, since=None, after=0, limit=1)
    return len(first)
