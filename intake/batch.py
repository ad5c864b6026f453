"""Inputs must be applied one after the other, but written many at a time.

So a batch applies them in memory, and keeps what there is to write.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from engine import conditions, entry
from engine.conditions import Facts
from engine.dates import Fire
from engine.entry import DEEPEST_CHAIN, Enter, Event, Occurrence, Refused, Retry
from engine.errors import InputError
from engine.triggers import ConditionTrigger, DateTrigger, EventTrigger
from intake import retries, segments
from intake.catalog import Catalog, Enterable
from intake.counting import count
from intake.outcomes import Cause, Match, Output, Postponed, Rejection, Stop, Wish
from intake.overdue import Due, Overdue
from intake.people import Identifier, People, Person
from storage.filter_retries import FilterRetry
from storage.inbox import Input
from storage.suppressions import fingerprint

_NOTHING: Final[Mapping[str, Any]] = {}
_NOWHERE: Final[frozenset[str]] = frozenset()


@dataclass(slots=True, kw_only=True, eq=False)
class Batch:
    """The inputs of one workspace in one transaction."""

    workspace_id: int
    catalog: Catalog
    people: People
    now: datetime
    clock: datetime
    """As of when people are judged: now, or when the input at hand was received, or what is at hand was due."""
    noticed_at: datetime | None = None
    """The present, where time has only come to an input that waits to be applied; otherwise it is now."""
    overdue: Overdue = field(default_factory=Overdue)
    """What is due for the people by now, and not decided yet."""
    settles_until: datetime | None = None
    """What was due after this instant is left to the next turn of intake, as something older waits; None: nothing."""
    come_dates: set[tuple[int, str, str]] = field(default_factory=set)
    """Dates that came and are decided: campaign, `cio_id` of the person, occurrence."""
    blocked: set[bytes] = field(default_factory=set)
    """Fingerprints of suppressed identifiers, as far as the inputs name them."""
    fresh_keys: set[str] = field(default_factory=set)
    """Client-supplied event ids that are seen for the first time and not used up yet."""
    strays: dict[str, list[Event]] = field(default_factory=dict)
    """Stored events that are nobody's, by the anonymous ids that the inputs give to somebody."""
    asked_by: int = 0
    """The retry whose own workflow asks, and so needs no telling."""
    depth: int = 0
    """How many campaigns the input at hand came through (behaviour 6.50)."""
    output: Output = field(default_factory=Output)

    def knows(self, person: Person) -> bool:
        """Whether there still is this person, whom no input has deleted, or dissolved into another one."""
        return self.people.find("cio_id", person.cio_id) is person

    def is_blocked(self, who: tuple[Identifier, str]) -> bool:
        """Whether the person was suppressed, so that nothing said about them may be taken in."""
        kind, value = who
        return bool(self.blocked) and kind in ("id", "email") and fingerprint(kind, value) in self.blocked

    def is_repeated(self, item: Input) -> bool:
        """Whether an event with the same client-supplied id was taken in before (behaviour 1.40)."""
        key = item.payload.get("id")
        if key is None:
            return False
        if key not in self.fresh_keys:
            return True
        self.fresh_keys.remove(key)
        return False

    def find_or_create(self, who: tuple[Identifier, str]) -> Person | None:
        """Return the person; None for a `cio_id` that nobody has, because those are given by us alone.

        What is said of somebody new has to be settled by `settle` or `happen`, which let them meet every segment.
        """
        person = self.people.find(*who)
        if person is None and who[0] != "cio_id":
            person = self.people.create(*who, at=self.clock)
        return person

    def settle(self, person: Person, changed: set[str], *, at: datetime) -> None:
        """Carry changed attributes through segments and dates, to campaigns, and to what waits for filters (4.12)."""
        if "anonymous_id" in changed:
            person.identified_at, person.is_noted = at, True
        self._reschedule(person, changed, at=at)
        self._look(person, self.catalog.rules_touched_by(changed), at=at, is_changed=bool(changed))

    def ask(self, person: Person, places: set[int], *, at: datetime) -> None:
        """Ask segments, by their places, whether the person is in, and carry on what changes."""
        self._look(person, places, at=at)

    def equip(self, person: Person, devices: Mapping[str, Mapping[str, Any]], *, at: datetime) -> None:
        """Give a person other devices, each by its token as conditions see it."""
        person.devices = devices
        self._look(person, set(self.catalog.by_device), at=at)

    def enroll(self, person: Person, key: str, *, add: bool, at: datetime) -> None:
        """Put a person into a manual segment or take them out; nothing if they are where they should be (3.23).

        Raises InputError for a segment that is not there, or that people join and leave by themselves (3.01).
        """
        if key not in self.catalog.manual:
            raise InputError("segment", f"There is no manual segment {key!r}.", "Make it first.")
        if add != (key in person.segments):
            person.is_touched = True
            before = person.segments
            segments.enroll(self.catalog, person, key, now=self.clock)
            self.note_overdue(person)
            self._carry_on(person, before, at=at)

    def absorb(self, person: Person, changed: set[str], joined: AbstractSet[str], *, at: datetime) -> None:
        """Carry on all at once that a person has become more: attributes, manual segments, devices, events (3.16)."""
        before = person.segments
        person.is_touched = True
        person.segments |= joined
        self._reschedule(person, changed, at=at)
        self.refresh(person, set(range(len(self.catalog.rules))))
        self._carry_on(person, before, at=at, is_changed=True)

    def happen(self, person: Person, event: Event, *, is_stored: bool = False) -> None:
        """Keep an event of a person, let segments count it, and see what it starts.

        `is_stored` says that the record has it already, from when nobody knew whose it was.
        """
        if not is_stored:
            self.output.events.append((person, None, event))
        places = count(self.catalog.questions, person, event, now=self.clock)
        self._look(person, places, at=event.received_at)
        candidates = self.catalog.by_trigger.get((event.kind, event.name))
        if not candidates:
            return
        # Most triggers end at the event's data, so the person is not looked at before.
        alone = Facts(attributes=_NOTHING, segments=_NOWHERE, now=event.received_at, data=event.data)
        triggered = [one for one in candidates if _matches(one, event, alone)]
        if triggered:
            facts = self.facts(person, event.data, at=event.received_at)
            for enterable in triggered:
                verdict = entry.decide(enterable.campaign, started_at=enterable.started_at, event=event, facts=facts)
                self._take(enterable, person, event.occurrence, verdict, facts, at=event.received_at)

    def await_date(self, enterable: Enterable, person: Person, *, after: datetime) -> None:
        """Find the next date of a person after an instant, also one that has passed since (behaviour 1.68).

        What comes after an edit comes by other settings, and from the edit on (behaviour 15.34).
        """
        trigger = enterable.campaign.trigger
        assert isinstance(trigger, DateTrigger)
        fire = person.next_fire(trigger, after=after)
        for one in enterable.later:
            if fire is not None and fire.at < one.since:
                break
            if one.campaign.trigger != trigger:
                trigger = one.campaign.trigger
                assert isinstance(trigger, DateTrigger)  # the type stays (behaviour 15.37)
                fire = person.next_fire(trigger, after=max(after, one.since))
        person.fires[enterable.id] = fire
        if fire is not None and fire.at <= self.now:
            self.overdue.add(Due(fire.at, "date", person, enterable.id, fire.date))

    def come(self, person: Person, enterable: Enterable, fire: Fire) -> None:
        """See whether a date of a person that has come starts a journey, perhaps later (behaviour 1.68, 1.72)."""
        trigger = enterable.campaign.trigger
        assert isinstance(trigger, DateTrigger)
        person.is_touched = True
        occurrence = Occurrence.of_date(str(trigger.path), fire)
        if (enterable.id, person.cio_id, occurrence.key) in self.come_dates:
            return  # at another time of its day (behaviour 1.69)
        self.come_dates.add((enterable.id, person.cio_id, occurrence.key))
        facts = self.facts(person, occurrence.data, at=fire.at)
        verdict = entry.filtered(enterable.campaign, facts, received_at=fire.at)
        self._take(enterable, person, occurrence, verdict, facts, at=fire.at)

    def call(self, enterable: Enterable, occurrence: Occurrence) -> None:
        """Start the journey of a payload, which is nobody's (behaviour 1.03, 1.90)."""
        facts = Facts(attributes=_NOTHING, segments=_NOWHERE, now=occurrence.received_at, data=occurrence.data)
        self.output.wishes.append(
            Wish(
                enterable=enterable, person=None, occurrence=occurrence, at=occurrence.received_at, facts=facts, seen={}
            )
        )

    def match(self, enterable: Enterable, person: Person, *, at: datetime, by: Cause = "change") -> None:
        """Wish that a person who matches a condition trigger enters.

        Clocks may differ: nobody enters as of before the start, so that the entry counts as of this one.
        """
        person.is_touched = True
        at = max(at, enterable.started_at)
        if self.depth >= DEEPEST_CHAIN:
            text = f"The match came through {self.depth} campaigns, each causing the next: a loop."
            why = Refused(entry.Refusal.LOOP, text, {"depth": self.depth})
            occurrence = Occurrence.of_match(at, depth=self.depth)
            self.output.rejections.append(
                Rejection(enterable=enterable, person=person, occurrence=occurrence, at=at, why=why)
            )
            return
        facts = self.facts(person, _NOTHING, at=at)
        trigger = enterable.campaign.trigger
        assert isinstance(trigger, ConditionTrigger)
        self.output.wishes.append(
            Wish(
                enterable=enterable,
                person=person,
                occurrence=Occurrence.of_match(at, depth=self.depth),
                at=at,
                facts=facts,
                seen={"trigger": conditions.explain(trigger.condition, facts)},
                by=by,
            )
        )

    def postpone(self, enterable: Enterable, person: Person, *, at: datetime, is_again: bool = False) -> None:
        """Leave it to the end of a build whether a person enters: nobody can say before (behaviour 3.05).

        Unless an edit has changed the trigger since then: it forgets whoever waits for what it asked before (15.32).
        """
        if any(one.campaign.trigger != enterable.campaign.trigger for one in enterable.later):
            return
        self.output.postponed.append(
            Postponed(enterable=enterable, person=person, at=at, depth=self.depth, is_again=is_again)
        )

    def refresh(self, person: Person, places: set[int]) -> None:
        """Ask segments, by their places, whether the person is in, and keep from everybody what changes."""
        segments.refresh(self.catalog, person, places, now=self.clock)
        self.note_overdue(person)

    def note_overdue(self, person: Person) -> None:
        """Take note of memberships that time has changed again since: that comes before what was received after it."""
        for segment_id, due_at in person.rechecks.items():
            if due_at is not None and due_at <= self.now:
                self.overdue.add(Due(due_at, "membership", person, segment_id))

    def reconsider(self, person: Person, *, at: datetime) -> None:
        """Look again at the events of a person that wait for filters (behaviour 4.12)."""
        still = []
        for retry in person.retries:
            enterable = self.catalog.campaigns.get(retry.campaign_id)
            if at > retry.expires_at and not retry.is_over:
                retry = replace(retry, is_over=True)
                self.output.overtaken.append(retry)
            # Without a running campaign, or too late, it is left to its workflow to end it (behaviour 4.14).
            if enterable is None or at > retry.expires_at or not self._enters(enterable, person, retry, at):
                still.append(retry)
        person.retries = still

    def facts(self, person: Person, data: Any, *, at: datetime) -> Facts:
        """Return what is known of a person who may start a journey with this data at an instant.

        Of segments that are being built, too: nobody enters by them (behaviour 3.05), but the first blocks may ask.
        """
        return Facts(attributes=person.view(), segments=person.segments, now=at, data=data)

    def _look(self, person: Person, places: set[int], *, at: datetime, is_changed: bool = False) -> None:
        """Ask segments whether the person is in, all of them if they are new, and carry on what changes."""
        person.is_touched = True
        before: frozenset[str] | None = person.segments
        if person.id == 0 and not person.is_asked:
            person.is_asked = True
            before, places = None, set(range(len(self.catalog.rules)))
        self.refresh(person, places)
        self._carry_on(person, before, at=at, is_changed=is_changed)

    def _carry_on(
        self, person: Person, before: frozenset[str] | None, *, at: datetime, is_changed: bool = False
    ) -> None:
        """Tell those whom a change of memberships concerns; `before` None is that there was no such person."""
        is_moved = person.segments is not before
        if is_moved and before is not None and self.catalog.by_stop:
            self._stop(person, before, at=at)
        if is_moved and self.catalog.matching:
            self._cross(person, before, at=at)
        if is_moved or is_changed:
            self.reconsider(person, at=at)

    def _cross(self, person: Person, before: frozenset[str] | None, *, at: datetime) -> None:
        """See which condition campaigns a person matches now and did not before, or the other way round (1.14)."""
        known = _NOWHERE if before is None else before
        concerned = self.catalog.matching if before is None else self.catalog.matched_by(known ^ person.segments)
        then = Facts(attributes=person.view(), segments=known, now=at)
        now = Facts(attributes=person.view(), segments=person.segments, now=at)
        for enterable in concerned:
            assert enterable.triggers_on is not None
            is_entered = enterable.id in self.catalog.campaigns
            begins = is_entered and enterable.triggers_on(now) and (before is None or not enterable.triggers_on(then))
            if begins and at < enterable.started_at:
                if enterable.current_since is not None and at >= enterable.current_since:
                    # One of the current matches, if it lasts until the start.
                    self.overdue.add(Due(enterable.started_at, "start", person, enterable.id, depth=self.depth))
            elif begins and self.catalog.is_building(enterable):
                self.postpone(enterable, person, at=at)
            elif begins:
                self.match(enterable, person, at=at)
            is_matching = enterable.campaign.matches(now)
            if before is not None and is_matching != enterable.campaign.matches(then):
                self.output.matches.append(Match(enterable=enterable, person=person, at=at, is_matching=is_matching))

    def _stop(self, person: Person, before: frozenset[str], *, at: datetime) -> None:
        """See whose match a person ends that a restart asks about (behaviour 13.09)."""
        then = Facts(attributes=_NOTHING, segments=before, now=at)
        now = Facts(attributes=_NOTHING, segments=person.segments, now=at)
        for enterable in self.catalog.stopped_by(before ^ person.segments):
            assert enterable.triggers_on is not None
            if enterable.triggers_on(then) and not enterable.triggers_on(now):
                self.output.stops.append(Stop(enterable=enterable, person=person, after=len(self.output.wishes)))

    def _reschedule(self, person: Person, changed: set[str], *, at: datetime) -> None:
        """Find anew what begins at an instant that an attribute says."""
        if self.catalog.dated:
            self._find_dates(person, changed, at=at)
        if self.catalog.matching:
            beginning = self.catalog.beginning_by(changed)
            self.output.beginnings += [(enterable, person, at) for enterable in beginning]

    def _find_dates(self, person: Person, changed: set[str], *, at: datetime) -> None:
        """Find the next date of a person in each date campaign that a change can matter to (behaviour 1.68)."""
        for enterable in self.catalog.dated:
            if any(_looks_at(one, changed) for one in (enterable, *enterable.later)):
                self.await_date(enterable, person, after=at)

    def _take(
        self,
        enterable: Enterable,
        person: Person,
        occurrence: Occurrence,
        verdict: entry.Verdict,
        facts: Facts,
        *,
        at: datetime,
    ) -> None:
        """Keep what was decided about an occurrence."""
        if isinstance(verdict, Enter) and self._is_building(enterable):
            # Nobody can say yet, so the time to wait for an answer begins only now.
            verdict = Retry(self.now + entry.RETRY_FOR, verdict.seen)
        match verdict:
            case Enter(seen):
                self.output.wishes.append(
                    Wish(enterable=enterable, person=person, occurrence=occurrence, at=at, facts=facts, seen=seen)
                )
            case Retry(until):
                is_over = any(one.since > until for one in enterable.later)
                person.retries.append(replace(retries.of(enterable.id, occurrence, until), is_over=is_over))
            case Refused():
                self.output.rejections.append(
                    Rejection(enterable=enterable, person=person, occurrence=occurrence, at=at, why=verdict)
                )

    def _enters(self, enterable: Enterable, person: Person, retry: FilterRetry, at: datetime) -> bool:
        facts = self.facts(person, retry.trigger_data, at=at)
        if self._is_building(enterable) or not enterable.campaign.filters_hold(facts):
            return False
        filters = enterable.campaign.filters
        self.output.wishes.append(
            Wish(
                enterable=enterable,
                person=person,
                occurrence=retries.occurrence(retry),
                at=at,
                facts=facts,
                seen={} if filters is None else {"filters": conditions.explain(filters, facts)},
                retry_id=retry.id or None,
                entered_as=retry.entered_as,
            )
        )
        return True

    def _is_building(self, enterable: Enterable) -> bool:
        """Whether nobody may enter yet, because not all members of one of the filters' segments are known (3.05)."""
        return not self.catalog.building.isdisjoint(enterable.filter_segments)


def _looks_at(enterable: Enterable, attributes: set[str]) -> bool:
    trigger = enterable.campaign.trigger
    assert isinstance(trigger, DateTrigger)
    return str(trigger.path.steps[0]) in attributes or (trigger.zone is None and "timezone" in attributes)


def _matches(enterable: Enterable, event: Event, facts: Facts) -> bool:
    trigger = enterable.campaign.trigger
    return isinstance(trigger, EventTrigger) and trigger.matches(event.kind, event.name, facts)
