"""Every input is judged by all running campaigns and all segments, and almost none of them care.

So what they look at is settled once per change of them, and an input meets only those it can matter to.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final

from engine import campaigns, conditions
from engine.beginnings import looks_at
from engine.campaigns import Campaign
from engine.conditions import Check, Condition, Facts, Question, Scope, Touches
from engine.conditions.questions import question_from
from engine.errors import ConfigurationError, DocumentError, Fault
from engine.frequency import EveryMatch
from engine.lifecycle import INHABITED, State
from engine.triggers import ConditionTrigger, DateTrigger, EventTrigger
from intake.questions import Asked, Questions
from storage import definitions, questions
from storage.database import Connection
from storage.definitions import StartedCampaign, StoredSegment

_NOTHING = Touches()
_ENTERED: Final = INHABITED - {"stopping"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Enterable:
    """A campaign, read and ready to be asked. It is running, unless `Catalog.draining` or `Catalog.resting` has it."""

    id: int
    version: int
    since: datetime
    """When the version was saved."""
    later: tuple[Enterable, ...] = ()
    """The versions after it, in order, if it is of a time before an edit."""
    started_at: datetime
    campaign: Campaign
    current_since: datetime | None = None
    """Since when a match may have begun before the start, and counts (12.05-12.07); None if none of these does."""
    filter_segments: frozenset[str]
    """Segments that its filters ask about."""
    trigger_segments: frozenset[str] = frozenset()
    """Segments that a condition trigger asks about."""
    triggers_on: Check | None = None
    """A condition trigger, asked of memberships."""

    @property
    def newest(self) -> Enterable:
        """The campaign as it is now."""
        return self.later[-1] if self.later else self


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A data-driven segment, read and ready to be asked. By `place`, each comes after all that it asks about."""

    place: int
    id: int
    key: str
    condition: Condition
    holds: Check
    outlook: Callable[[Facts], tuple[bool, datetime | None]] | None
    """The answer, and when time alone may change it; None if it never does."""
    touches: Touches
    is_building: bool
    redefined_at: datetime | None
    """Since when the condition, or that of a segment it asks about, is what it is; None is since ever."""


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """The campaigns and segments of one workspace, as they are after `version` changes.

    Or as they were before an edit, for what was received before it and is applied after it: with campaigns in the
    versions that counted then, as far back as their start. Whether they run is as it is now, and so are segments.
    """

    version: int
    edits: tuple[datetime, ...] = ()
    """Since when versions of campaigns count that had been started, in order."""
    until: datetime | None = None
    """Of a catalog of before an edit: when that was."""
    campaigns: Mapping[int, Enterable]
    rules: tuple[Rule, ...]
    segment_keys: Mapping[int, str]
    draining: tuple[Enterable, ...] = ()
    """Condition campaigns that let people finish: nobody enters, and who is inside is watched as before (13.03)."""
    resting: tuple[Enterable, ...] = ()
    """Condition campaigns under `every_match` that do not run: who stops matching may enter at a restart (13.09)."""
    manual: frozenset[str] = frozenset()
    """Keys of the segments whose members are added and removed by hand."""
    segment_ids: Mapping[str, int] = field(init=False)
    by_trigger: Mapping[tuple[str, str], list[Enterable]] = field(init=False)
    """Kind and name of an event, to the campaigns that it may trigger."""
    by_attribute: Mapping[str, list[int]] = field(init=False)
    """Name of an attribute, to the places of the rules that look at it."""
    questions: Questions
    """What segments ask about events, and who asks it."""
    by_segment: Mapping[str, list[int]] = field(init=False)
    by_device: tuple[int, ...] = field(init=False)
    """Places of the rules that look at devices."""
    by_match: Mapping[str, list[Enterable]] = field(init=False)
    """Key of a segment, to the condition campaigns whose trigger or filters ask about it."""
    by_stop: Mapping[str, list[Enterable]] = field(init=False)
    """Key of a segment, to the condition campaigns under `every_match` that ask about it, running or not."""
    matching: tuple[Enterable, ...] = field(init=False)
    """All condition campaigns that people may be inside of."""
    conditions: Mapping[str, Condition] = field(init=False)
    """The condition of each data-driven segment."""
    begins_by: Mapping[int, frozenset[str]] = field(init=False)
    """Condition campaign to the attributes that say when its journeys begin (behaviour 1.19)."""
    dated: tuple[Enterable, ...] = field(init=False)
    """All date campaigns."""
    building: frozenset[str] = field(init=False)
    """Keys of segments whose members are not all known yet."""

    def __post_init__(self) -> None:
        by_trigger: dict[tuple[str, str], list[Enterable]] = defaultdict(list)
        for enterable in self.campaigns.values():
            trigger = enterable.campaign.trigger
            if isinstance(trigger, EventTrigger):
                by_trigger[trigger.kind, trigger.name].append(enterable)
        matching = (*self._with(ConditionTrigger), *self.draining)
        by_match: dict[str, list[Enterable]] = defaultdict(list)
        for enterable in matching:
            for key in enterable.trigger_segments | enterable.filter_segments:
                by_match[key].append(enterable)
        by_stop: dict[str, list[Enterable]] = defaultdict(list)
        for enterable in (*matching, *self.resting):
            if isinstance(enterable.newest.campaign.frequency, EveryMatch):
                for key in enterable.trigger_segments:
                    by_stop[key].append(enterable)
        by_attribute: dict[str, list[int]] = defaultdict(list)
        by_segment: dict[str, list[int]] = defaultdict(list)
        for rule in self.rules:
            for name in rule.touches.attributes:
                by_attribute[name].append(rule.place)
            for key in rule.touches.segments:
                by_segment[key].append(rule.place)
        object.__setattr__(self, "segment_ids", {key: id_ for id_, key in self.segment_keys.items()})
        object.__setattr__(self, "by_trigger", dict(by_trigger))
        object.__setattr__(self, "by_attribute", dict(by_attribute))
        object.__setattr__(self, "by_segment", dict(by_segment))
        object.__setattr__(self, "by_device", tuple(rule.place for rule in self.rules if rule.touches.devices))
        object.__setattr__(self, "by_match", dict(by_match))
        object.__setattr__(self, "by_stop", dict(by_stop))
        object.__setattr__(self, "matching", matching)
        object.__setattr__(self, "dated", self._with(DateTrigger))
        object.__setattr__(self, "conditions", {rule.key: rule.condition for rule in self.rules})
        object.__setattr__(self, "begins_by", {one.id: self._begins_by(one) for one in self.matching})
        object.__setattr__(self, "building", frozenset(rule.key for rule in self.rules if rule.is_building))

    def _with(self, trigger: type[ConditionTrigger | DateTrigger]) -> tuple[Enterable, ...]:
        return tuple(one for one in self.campaigns.values() if isinstance(one.campaign.trigger, trigger))

    def _begins_by(self, enterable: Enterable) -> frozenset[str]:
        trigger = enterable.campaign.trigger
        assert isinstance(trigger, ConditionTrigger)
        return looks_at(trigger.condition, self.conditions)

    def matched_by(self, segments: Iterable[str]) -> list[Enterable]:
        """Return the condition campaigns that ask about any of these segments, each once."""
        return _among(self.by_match, segments)

    def stopped_by(self, segments: Iterable[str]) -> list[Enterable]:
        """Return the condition campaigns under `every_match` that ask about any of these, running or not, each once."""
        return _among(self.by_stop, segments)

    def is_building(self, enterable: Enterable) -> bool:
        """Whether a condition campaign asks about a segment that is not known yet: nobody enters so long (3.05)."""
        return not self.building.isdisjoint(enterable.trigger_segments | enterable.filter_segments)

    def beginning_by(self, attributes: AbstractSet[str]) -> list[Enterable]:
        """Return the condition campaigns that begin at an instant which any of these attributes says (1.19)."""
        return [one for one in self.matching if not self.begins_by[one.id].isdisjoint(attributes)]

    def rules_touched_by(self, attributes: Iterable[str]) -> set[int]:
        """Return the places of the rules that look at any of these attributes themselves."""
        return set().union(*(self.by_attribute[name] for name in attributes if name in self.by_attribute))


def _among(by_key: Mapping[str, list[Enterable]], keys: Iterable[str]) -> list[Enterable]:
    found = {one.id: one for key in keys for one in by_key.get(key, ())}
    return [found[id_] for id_ in sorted(found)]


class Catalogs:
    """The catalogs of all workspaces that this process works on, each loaded again when it has changed."""

    def __init__(self) -> None:
        self._known: dict[int, Catalog] = {}
        self._past: dict[int, dict[datetime, Catalog]] = defaultdict(dict)
        """By when they ceased to count."""

    async def current(self, connection: Connection, workspace_id: int) -> Catalog:
        """Return the catalog of a workspace, and keep it from changing until the transaction ends."""
        version = await definitions.hold(connection, workspace_id)
        known = self._known.get(workspace_id)
        if known is None or known.version != version:
            known = await read_catalog(connection, workspace_id, version)
            self._known[workspace_id] = known
            self._past.pop(workspace_id, None)
        return known

    async def as_of(self, connection: Connection, workspace_id: int, instant: datetime) -> Catalog:
        """Return the catalog by which an instant is judged, for whoever holds the current one (behaviour 15.30)."""
        known = self._known[workspace_id]
        place = bisect_right(known.edits, instant)
        if place == len(known.edits):
            return known
        past, until = self._past[workspace_id], known.edits[place]
        if until not in past:
            past[until] = await _read_past(connection, workspace_id, known, until)
        return past[until]


async def read_catalog(connection: Connection, workspace_id: int, version: int) -> Catalog:
    """Return the catalog as the record has it now: for whoever has just changed it. Others ask `Catalogs`.

    Raises ConfigurationError if a document cannot be read. Saving would have refused it, so a newer release wrote it.
    """
    segments = await definitions.segments(connection, workspace_id)
    started = await definitions.campaigns(connection, workspace_id)
    with _readable(workspace_id):
        return Catalog(
            version=version,
            edits=tuple(await definitions.edits(connection, workspace_id)),
            **_by_state(started),
            rules=(rules := _rules(segments)),
            questions=_questions(await questions.all_of(connection, workspace_id), rules),
            segment_keys={segment.id: segment.key for segment in segments},
            manual=frozenset(one.key for one in segments if one.condition is None and one.state != "archived"),
        )


async def _read_past(connection: Connection, workspace_id: int, catalog: Catalog, until: datetime) -> Catalog:
    """Return a catalog as it was before the edit at an instant. Raises what `read_catalog` raises."""
    started = await definitions.campaigns(connection, workspace_id, until=until)
    with _readable(workspace_id):
        return replace(catalog, until=until, **_by_state(started))


@contextmanager
def _readable(workspace_id: int) -> Iterator[None]:
    try:
        yield
    except (DocumentError, CycleError) as error:
        message = f"A campaign or segment of workspace {workspace_id} cannot be read by this release: {error}"
        raise ConfigurationError(message) from error


def _by_state(started: Iterable[StartedCampaign]) -> dict[str, Any]:
    """Return the campaigns of a catalog, from their versions, of which the latest comes first."""
    versions: dict[int, tuple[Enterable, ...]] = {}
    states: dict[int, State] = {}
    for row in started:
        later = versions.get(row.id, ())
        versions[row.id] = (_enterable(row, later), *later)
        states[row.id] = row.state
    first = [(states[id_], some[0]) for id_, some in versions.items()]
    return {
        "campaigns": {one.id: one for state, one in first if state in _ENTERED},
        "draining": tuple(one for state, one in first if state == "stopping"),
        "resting": tuple(one for state, one in first if state not in INHABITED),
    }


def _enterable(row: StartedCampaign, later: tuple[Enterable, ...]) -> Enterable:
    campaign = campaigns.parse(row.document)
    touches = conditions.touches(campaign.filters) if campaign.filters else _NOTHING
    match = campaign.trigger.condition if isinstance(campaign.trigger, ConditionTrigger) else None
    return Enterable(
        id=row.id,
        version=row.version,
        since=row.since,
        later=later,
        started_at=row.started_at,
        current_since=row.current_since,
        campaign=campaign,
        filter_segments=touches.segments,
        trigger_segments=conditions.touches(match).segments if match else frozenset(),
        triggers_on=conditions.compile_condition(match) if match else None,
    )


def _questions(stored: Mapping[int, Any], rules: Iterable[Rule]) -> Questions:
    places: dict[Question, list[int]] = defaultdict(list)
    for rule in rules:
        for question in rule.touches.questions:
            places[question].append(rule.place)
    known = ((id_, question_from(document)) for id_, document in stored.items())
    return Questions(
        [
            Asked(id=id_, question=question, places=tuple(places[question]))
            for id_, question in known
            if question in places
        ]
    )


def _rules(segments: list[StoredSegment]) -> tuple[Rule, ...]:
    live = [segment for segment in segments if segment.condition is not None and segment.state != "archived"]
    read = {segment.key: (segment, _read(segment)) for segment in live}
    asked = {key: conditions.touches(condition).segments for key, (_, condition) in read.items()}
    # Saving refuses cycles (behaviour 3.15), so there is such an order.
    order = [key for key in TopologicalSorter(asked).static_order() if key in read]
    return tuple(_rule(place, *read[key]) for place, key in enumerate(order))


def _read(segment: StoredSegment) -> Condition:
    faults: list[Fault] = []
    condition = conditions.parse(segment.condition, place=f"segments.{segment.key}", scope=Scope.PERSON, faults=faults)
    if condition is None:
        raise DocumentError(faults)
    return condition


def _rule(place: int, segment: StoredSegment, condition: Condition) -> Rule:
    touches = conditions.touches(condition)
    return Rule(
        place=place,
        id=segment.id,
        key=segment.key,
        condition=condition,
        holds=conditions.compile_condition(condition),
        outlook=conditions.compile_outlook(condition) if touches.time else None,
        touches=touches,
        is_building=segment.state == "building",
        redefined_at=segment.redefined_at,
    )
