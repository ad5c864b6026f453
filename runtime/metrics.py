"""What a process counts about itself, for Prometheus: how much comes in, what becomes of it, and what went out.

Counters begin at zero with each process. A label has few values, all ours: never a person, an address, a key of
somebody's, or anything that a client can make up.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable
from typing import Final, Literal

from prometheus_client import CollectorRegistry, Counter, ProcessCollector

REGISTRY: Final = CollectorRegistry()
"""Of this process."""

_ACCEPTED: Final = Counter("sojourn_inputs_accepted", "Inputs committed to the inbox.", ["kind"], registry=REGISTRY)
_APPLIED: Final = Counter("sojourn_inputs_applied", "Inputs applied by intake.", ["kind"], registry=REGISTRY)
_REJECTED: Final = Counter("sojourn_inputs_rejected", "Inputs put aside by intake.", ["kind"], registry=REGISTRY)
_ENTRIES: Final = Counter("sojourn_entries", "Journeys that began.", registry=REGISTRY)
_REFUSALS: Final = Counter("sojourn_refusals", "Triggers that began no journey.", ["reason"], registry=REGISTRY)
_DELIVERIES: Final = Counter(
    "sojourn_deliveries", "Messages by what became of a try to send them.", ["channel", "outcome"], registry=REGISTRY
)
_TRACKED: Final = Counter(
    "sojourn_tracked", "Opens and clicks of messages by what became of them.", ["kind", "outcome"], registry=REGISTRY
)
_RECORD_ERRORS: Final = Counter(
    "sojourn_record_errors", "Errors of the record after which a part tries again.", ["part"], registry=REGISTRY
)
ProcessCollector(registry=REGISTRY)

Part = Literal["start", "inputs", "leads", "dispatch", "sweep", "activities", "outcomes"]
"""What goes on in intake and worker, each by itself."""


def accepted(kinds: Iterable[str]) -> None:
    """Count inputs that were committed, by their kinds."""
    _count(_ACCEPTED, kinds)


def applied(kinds: Iterable[str]) -> None:
    """Count inputs that were applied."""
    _count(_APPLIED, kinds)


def rejected(kind: str) -> None:
    """Count an input that cannot be applied."""
    _REJECTED.labels(kind).inc()


def entered(journeys: int, refusals: Iterable[str]) -> None:
    """Count journeys that began, and what was refused, by reason."""
    _ENTRIES.inc(journeys)
    _count(_REFUSALS, refusals)


def tried(channel: str, outcome: str) -> None:
    """Count a message that was to be sent. `outcome` is the state that this leaves its delivery in."""
    _DELIVERIES.labels(channel, outcome).inc()


def tracked(kind: str, outcome: str) -> None:
    """Count an `open` or a `click`: `recorded`, `lost` as it cannot be written, or `refused` as it is not ours."""
    _TRACKED.labels(kind, outcome).inc()


def record_failed(part: Part) -> None:
    """Count an error of the record, away or not taking what it is asked, after which a part tries again."""
    _RECORD_ERRORS.labels(part).inc()


def _count(counter: Counter, labels: Iterable[str]) -> None:
    for label, times in Tally(labels).items():
        counter.labels(label).inc(times)
