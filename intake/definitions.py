"""Saving, starting and stopping: each is one transaction over the record, the counter of changes and the outbox.

So no intake batch sees half of a change, no two changes mix (behaviour 15.03), and Temporal is told exactly what was
written. Called by the API and by whoever else changes definitions; `now` is the caller's clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from engine import campaigns as campaign_documents
from engine import ids, names, unknown
from engine import segments as segment_documents
from engine.campaigns import Campaign
from engine.entry import Refusal
from engine.errors import Conflict, DocumentError, Fault
from engine.lifecycle import INHABITED, Action, State, StopMode, next_state, refuse_another_trigger_type
from engine.moves import CampaignStart, EditStart, LookAgain
from engine.review import Finding, review_segment
from intake.following import begin_dates, follow_campaign
from intake.loading import Load, begin_loading
from intake.reviewing import findings, notice
from intake.segment_changes import (
    Outcome,
    archived_in,
    follow_redefined,
    known_segments,
    make_segments,
    refuse_segment,
    to_make,
    write_segment,
)
from storage import campaigns, changes, filter_retries, outbox, schedules
from storage.campaigns import CampaignRow, NewVersion
from storage.database import Connection
from storage.outbox import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What a save did. `version` is the latest: an unchanged document makes no new one."""

    version: int
    outcome: Outcome
    state: str
    findings: Sequence[Finding]
    """What would keep a campaign from starting, and what its writer may want to look at (behaviour 12.02, 12.03)."""
    segments: Sequence[str] = ()
    """Keys of the segments that a campaign brought along and that were made (behaviour 1.18)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a save would do that is not refused."""

    document: dict[str, Any]
    """As it would be saved."""
    findings: Sequence[Finding]
    segments: Sequence[str] = ()
    """Keys of the segments that would be made with the campaign."""


async def save_campaign(
    connection: Connection,
    workspace_id: int,
    key: str,
    document: object,
    *,
    default_sender: str | None = None,
    channels: AbstractSet[str] | None = None,
    now: datetime,
) -> Saved:
    """Save a campaign under its key, with the segments that it brings along; a new campaign is a draft (1.02, 1.18).

    Raises DocumentError with every fault, also if the type of the trigger changes after the first start (15.37), if a
    segment that it brings along is another one already, or if people may be inside and it asks about an archived one
    (3.31); Conflict for an archived campaign.
    """
    campaign = campaign_documents.parse(keyed(document, key))
    written = NewVersion(
        name=campaign.name,
        document=campaign_documents.to_document(campaign),
        segments=campaign_documents.segments_used(campaign),
    )
    noticed = await notice(connection, workspace_id, campaign)
    async with connection.transaction():
        await changes.begin(connection, workspace_id)
        before = await campaigns.find(connection, workspace_id, key)
        previous = _previous(campaign, before)
        made = await make_segments(connection, workspace_id, campaign.new_segments, now=now)
        found = await findings(
            connection, workspace_id, campaign, noticed=noticed, default_sender=default_sender, channels=channels
        )
        if before is None or previous is None:
            created = await campaigns.create(connection, workspace_id, key, written, now=now)
            await follow_campaign(connection, workspace_id, created, None, campaign, is_entered=False, now=now)
            return Saved(version=1, outcome="created", state="draft", findings=found, segments=made)
        saved = Saved(
            version=before.latest_version, outcome="unchanged", state=before.state, findings=found, segments=made
        )
        if before.document == written.document:
            return saved
        _refuse_archived(before, found)
        version = before.latest_version + 1
        await campaigns.add_version(connection, before.id, written, now=now)
        await filter_retries.overtake_campaign(connection, before.id, now=now)
        is_entered = before.state in ("starting", "running")
        await follow_campaign(connection, workspace_id, before.id, previous, campaign, is_entered=is_entered, now=now)
        if before.state in INHABITED and previous.plan.releases_in(campaign.plan, has_grace=campaign.is_condition):
            await outbox.add(connection, [_wake(before, version, now)], now=now)
        return replace(saved, version=version, outcome="changed")


async def check_campaign(
    connection: Connection,
    workspace_id: int,
    document: object,
    *,
    default_sender: str | None = None,
    channels: AbstractSet[str] | None = None,
) -> Checked:
    """Say what a save of a campaign would find, and write nothing. Raises what `save_campaign` would."""
    campaign = campaign_documents.parse(document)
    before = await campaigns.find(connection, workspace_id, campaign.key)
    _previous(campaign, before)
    new = to_make(campaign.new_segments, await known_segments(connection, workspace_id))
    found = await findings(
        connection,
        workspace_id,
        campaign,
        noticed=await notice(connection, workspace_id, campaign),
        default_sender=default_sender,
        channels=channels,
    )
    written = campaign_documents.to_document(campaign)
    if before is not None and before.document != written:
        _refuse_archived(before, found)
    return Checked(document=written, findings=found, segments=[segment.key for segment in new])


async def save_segment(
    connection: Connection, workspace_id: int, key: str, document: object, *, now: datetime
) -> Saved:
    """Save a segment. A new condition makes it `building`, and every segment that asks about it (behaviour 3.04).

    Raises DocumentError with every fault, for a circle of segments (3.15), and if it would change between manual and
    data-driven; Conflict for an archived one.
    """
    segment = segment_documents.parse(keyed(document, key))
    async with connection.transaction():
        await changes.begin(connection, workspace_id)
        known = await known_segments(connection, workspace_id)
        refuse_segment(segment, known)
        version, outcome = await write_segment(connection, workspace_id, segment, known.get(key), now=now)
        is_redefined = segment.condition is not None and (outcome == "created" or version > known[key].version)
        if is_redefined:
            await follow_redefined(connection, workspace_id, {key}, now=now)
        return Saved(
            version=version,
            outcome=outcome,
            state="building" if is_redefined else known[key].state if key in known else "ready",
            findings=review_segment(segment, known=known.keys(), archived=archived_in(known)),
        )


async def check_segment(connection: Connection, workspace_id: int, document: object) -> Checked:
    """Say what a save of a segment would find, and write nothing. Raises what `save_segment` would."""
    segment = segment_documents.parse(document)
    known = await known_segments(connection, workspace_id)
    refuse_segment(segment, known)
    found = review_segment(segment, known=known.keys(), archived=archived_in(known))
    return Checked(document=segment_documents.to_document(segment), findings=found)


async def start_campaign(
    connection: Connection,
    workspace_id: int,
    key: str,
    *,
    load: Load | None = None,
    default_sender: str | None = None,
    channels: AbstractSet[str] | None = None,
    now: datetime,
) -> State:
    """Let people in from now on, or again; what happened before is not made up for (behaviour 1.43, 13.10).

    `load` lets people enter a condition campaign who match already; it is `starting` until they have (12.05, 12.08).

    Raises NotFound, Conflict if the state does not allow it, DocumentError with every error of the review (12.01), and
    for `load` in a campaign of another type (12.04).
    """
    async with connection.transaction():
        campaign = await _held(connection, workspace_id, key)
        state = next_state(campaign.state, "start", is_empty=False)
        document = campaign_documents.parse(campaign.document)
        found = await findings(connection, workspace_id, document, default_sender=default_sender, channels=channels)
        errors = [finding for finding in found if finding.level == "error"]
        if errors:
            raise DocumentError(errors)
        started_at = await campaigns.start(connection, campaign.id, now=now)
        await begin_dates(connection, campaign.id, document, now=started_at)
        if load is not None:
            await begin_loading(connection, campaign, document, load, now=started_at)
            state = "starting"
        # One that is still draining goes on running, and has to read that the campaign is started again.
        await outbox.add(connection, [_tell(campaign, names.LOOK_AGAIN, now)], now=now)
        return state


async def stop_campaign(connection: Connection, workspace_id: int, key: str, mode: StopMode, *, now: datetime) -> State:
    """Let nobody in any more; let those inside `finish`, or end them all `now` (behaviour 13.01-13.07).

    A stop is true from the commit on: entries are refused and messages withheld, before Temporal knows of it.
    Raises NotFound, and Conflict if the state does not allow it.
    """
    async with connection.transaction():
        campaign = await _held(connection, workspace_id, key)
        is_empty = await campaigns.is_empty(connection, campaign.id)
        action, signal = _STOPS[mode]
        state = next_state(campaign.state, action, is_empty=is_empty)
        if state == "stopped":
            await campaigns.stop(connection, campaign.id, mode, now=now)
        else:
            await campaigns.move(connection, campaign.id, state, now=now)
        dropped = await campaigns.drop_retries(connection, campaign.id, reason=Refusal.CAMPAIGN_NOT_RUNNING, now=now)
        await schedules.drop_reentries_of(connection, campaign.id)
        look_again = LookAgain(at=now).model_dump(mode="json")
        messages = [_tell(campaign, signal, now)]
        for person_id, occurrence in dropped:
            waiting = ids.journey_workflow(workspace_id, campaign.id, person_id, occurrence)
            messages.append(outbox.signal(waiting, names.LOOK_AGAIN, look_again))
        await outbox.add(connection, messages, now=now)
        return state


_STOPS: Final[Mapping[StopMode, tuple[Action, str]]] = {"finish": ("finish", names.DRAIN), "now": ("stop", names.STOP)}


def _tell(campaign: CampaignRow, signal: str, now: datetime) -> Message:
    """Return a signal to the campaign's workflow; if there is none, it is started with the signal."""
    return outbox.start(
        ids.campaign_workflow(campaign.workspace_id, campaign.id),
        names.CAMPAIGN,
        CampaignStart(workspace=campaign.workspace_id, campaign=campaign.id, at=now).model_dump(mode="json"),
        search=_search(campaign),
        summary=f"Campaign {campaign.name}",
        signal=signal,
        signal_argument=LookAgain(at=now).model_dump(mode="json"),
    )


def _wake(campaign: CampaignRow, version: int, now: datetime) -> Message:
    """Return the start of what wakes those who wait in a block that a new version changed (behaviour 15.10-15.15)."""
    return outbox.start(
        ids.edit_workflow(campaign.workspace_id, campaign.id, version),
        names.EDIT,
        EditStart(campaign=campaign.id, at=now).model_dump(mode="json"),
        search=_search(campaign),
        summary=f"Version {version} of campaign {campaign.name}",
    )


def _search(campaign: CampaignRow) -> dict[str, str]:
    return {
        names.CAMPAIGN_KEY: campaign.key,
        names.CAMPAIGN_ID: str(campaign.id),
        names.WORKSPACE_ID: str(campaign.workspace_id),
    }


def _previous(campaign: Campaign, before: CampaignRow | None) -> Campaign | None:
    """Read the version that a campaign would follow; None if it is new.

    Raises Conflict if it is archived (behaviour 13.12), DocumentError if its type may not change any more (15.37).
    """
    if before is None:
        return None
    if before.state == "archived":
        raise Conflict(f'The campaign "{campaign.key}" is archived.', "Bring it back first.", place="key")
    previous = campaign_documents.parse(before.document)
    if before.first_started_at is not None:
        refuse_another_trigger_type(previous, campaign)
    return previous


def _refuse_archived(before: CampaignRow, found: Sequence[Finding]) -> None:
    """Raise DocumentError if an edit counts at once and asks about archived segments, of whom nobody keeps track.

    A segment that such a campaign uses cannot be archived (behaviour 3.31): the other way round leads to the same.
    """
    forbidding = [finding for finding in found if finding.forbids_edit]
    if before.state in INHABITED and forbidding:
        raise DocumentError(forbidding)


async def _held(connection: Connection, workspace_id: int, key: str) -> CampaignRow:
    await changes.begin(connection, workspace_id)
    campaign = await campaigns.find(connection, workspace_id, key)
    if campaign is None:
        raise unknown.campaign(key)
    return campaign


def keyed(document: object, key: str) -> object:
    """Return a document with its key, which may be left out where the address says it.

    Raises DocumentError if the two differ.
    """
    if not isinstance(document, Mapping):
        return document
    given = document.get("key")
    if given is not None and given != key:
        problem = f'The document says "{given}" and is saved as "{key}".'
        raise DocumentError(
            [Fault(place="key", problem=problem, remedy="Save it under its own key, or leave the key out.")]
        )
    return {**document, "key": key}
