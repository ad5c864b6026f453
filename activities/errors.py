"""What a failing activity may tell Temporal: a kind and a plain sentence, never the values it stumbled over.

Failure messages are written into histories in clear, even where payloads are encrypted. So an exception that we did
not phrase ourselves reaches Temporal by its type alone, and the process log in full. Retries belong to Temporal; the
options of each activity are in `workflows/options.py`.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any, Final

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from runtime import metrics
from storage.database import RECORD_AWAY

TRY_LATER: Final = "TryLater"

_log = logging.getLogger(__name__)


def try_later(delivery: int, after: timedelta) -> ApplicationError:
    """Return what makes Temporal run the send again after a while. Expected, so it is no failure in metrics or logs."""
    return ApplicationError(
        f"Delivery {delivery} was not taken and will be tried again; the delivery says why.",
        type=TRY_LATER,
        next_retry_delay=after,
        category=ApplicationErrorCategory.BENIGN,
    )


def worker_stops() -> ApplicationError:
    """Return what leaves a send that has not begun to another worker, or to this one once it is back."""
    return ApplicationError(
        "The worker stops before it has begun; the message is sent a moment later.",
        type=TRY_LATER,
        next_retry_delay=timedelta(seconds=1),
        category=ApplicationErrorCategory.BENIGN,
    )


def segment_is_built() -> ApplicationError:
    """Return what makes a journey wait until all members of a segment are known."""
    return ApplicationError(
        "A segment is being built; it is asked again in a moment.",
        type=TRY_LATER,
        next_retry_delay=timedelta(seconds=5),
        category=ApplicationErrorCategory.BENIGN,
    )


class Discretion(Interceptor):
    """Keeps what exceptions say out of histories."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's
        """Wrap the execution of every activity."""
        return _Discreet(next)


class _Discreet(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's signature
        try:
            return await self.next.execute_activity(input)
        except ApplicationError:
            raise
        except Exception as error:
            _log.warning("activity %s failed and will be tried again", activity.info().activity_type, exc_info=True)
            if isinstance(error, RECORD_AWAY):  # channels say `TryLater` where their lines break
                metrics.record_failed("activities")
            message = f"{type(error).__name__}; the worker's log has the details."
            raise ApplicationError(message, type=type(error).__name__) from None
