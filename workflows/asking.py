"""Put a question to the rules: at once and cheaply if the record answers, visibly and patiently if it does not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from workflows import options

Question = TypeVar("Question")
Answer = TypeVar("Answer")


async def ask(activity: Callable[[Question], Awaitable[Answer]], question: Question, summary: str) -> Answer:
    """Run an activity of our own database locally; if that fails, as a regular one until it answers.

    The local form costs one event. The regular form shows in the Temporal Web UI with its last failure and next retry,
    which is where an outage of Postgres belongs.
    """
    try:
        return await workflow.execute_local_activity(activity, question, **options.local(summary))
    except FailureError as failure:  # whatever kind: the SDK does not wrap the failure of a local activity
        if is_cancelled_exception(failure):
            raise
        return await workflow.execute_activity(activity, question, **options.regular(summary))
