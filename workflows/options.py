"""How long each activity may take and how often it is tried, each with its reason. Nothing else sets a timeout."""

from __future__ import annotations

from datetime import timedelta

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityCancellationType, ActivityConfig, LocalActivityConfig

from engine import names


def local(summary: str) -> LocalActivityConfig:
    """A question to our own database: a few indexed reads and at most one small write, so milliseconds."""
    return LocalActivityConfig(
        start_to_close_timeout=timedelta(seconds=2),
        # Under the ten seconds of a workflow task, for whose end signals and queries have to wait.
        schedule_to_close_timeout=timedelta(seconds=8),
        # A hiccup is retried here; whatever lasts longer goes where an operator can see it (`asking.py`).
        retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_attempts=3),
        # Above every backoff of this policy, so that a local retry never becomes a timer in the history.
        local_retry_threshold=timedelta(seconds=1),
        summary=summary,
    )


def regular(summary: str) -> ActivityConfig:
    """The same question while our database is slow or away: tried until it answers."""
    return ActivityConfig(
        start_to_close_timeout=timedelta(seconds=10),
        retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)),
        summary=summary,
    )


def search(summary: str) -> ActivityConfig:
    """A change that looks through everybody, of whom there may be millions."""
    return ActivityConfig(
        start_to_close_timeout=timedelta(minutes=10),
        retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)),
        summary=summary,
    )


def send(summary: str, queue: str | None = None) -> ActivityConfig:
    """A message: the claim, the hand-over to a provider, and the record of how it went."""
    return ActivityConfig(
        task_queue=queue,
        # Generous, because a worker that died is noticed by its silence. A send beats only when it takes long.
        start_to_close_timeout=timedelta(minutes=10),
        heartbeat_timeout=timedelta(seconds=10),
        # Never given up by Temporal: after a day of failures the activity itself records the delivery as failed.
        retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1)),
        # `end` takes a retry out of its backoff, and waits to hear how a hand-over in progress went.
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        summary=summary,
    )


def queue_of(journeys: str, channel: str) -> str | None:
    """Return the task queue of a channel's hand-overs; None is the journey's own, which is the fast way."""
    return journeys + names.WEBHOOK_QUEUE if channel == "webhook" else None


def everybody(summary: str) -> ActivityConfig:
    """A signal to everybody inside a campaign, of whom there may be millions, at some hundreds a second."""
    return ActivityConfig(
        start_to_close_timeout=timedelta(days=1),
        # A heartbeat holds the place where the next attempt goes on.
        heartbeat_timeout=timedelta(seconds=30),
        retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)),
        summary=summary,
    )


def load(summary: str) -> ActivityConfig:
    """Some minutes of pages, each a transaction of its own; the place is in the record, so another try goes on."""
    return ActivityConfig(
        start_to_close_timeout=timedelta(minutes=30),
        heartbeat_timeout=timedelta(seconds=30),
        retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)),
        # A pause takes it out of a page, which then never happened.
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        summary=summary,
    )
