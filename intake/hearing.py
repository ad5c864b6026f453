"""A signal that Temporal answers with NOT_FOUND came too late for its workflow, or the whole namespace is not there.

The first is the end of the matter; the second would lose every signal there is, so the two must not be confused.
"""

from __future__ import annotations

from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.service import RPCError, RPCStatusCode


def lacks_namespace(error: RPCError) -> bool:
    """Say whether Temporal knows nothing of our namespace: it is being set up, or somebody deleted it."""
    return error.status == RPCStatusCode.NOT_FOUND and any(
        detail.Is(NamespaceNotFoundFailure.DESCRIPTOR) for detail in error.grpc_status.details
    )


def nobody_hears(error: RPCError) -> bool:
    """Say whether a signal's workflow is over, or was never started."""
    return error.status == RPCStatusCode.NOT_FOUND and not lacks_namespace(error)
