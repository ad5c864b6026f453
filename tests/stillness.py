"""When a world has come to rest: nothing is on its way, and nothing is due that did not happen."""

from __future__ import annotations

from typing import Final

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import WorkflowExecutionDescription, WorkflowExecutionStatus

MOVING: Final = """
SELECT 'journey ' || j.id || ' at ' || coalesce(j.block, '?') || ': ' || coalesce(j.move ->> 'kind', '?')
FROM journeys j
LEFT JOIN deliveries d ON d.journey_id = j.id AND d.block = j.block
WHERE j.state NOT IN ('finished', 'exited')
  AND (j.due_at <= $1 OR j.ending IS NOT NULL OR (j.move ->> 'kind' <> 'wait' AND d.state IS DISTINCT FROM 'attempted'))
UNION ALL
SELECT 'forced out of ' || c.key || ': journey ' || j.id
FROM journeys j
JOIN campaigns c ON c.id = j.campaign_id
WHERE j.state NOT IN ('finished', 'exited') AND (c.state = 'stopped' OR j.started_at <= c.stopped_at)
UNION ALL
SELECT 'nobody is left in ' || key
FROM campaigns c
WHERE state = 'stopping'
  AND NOT EXISTS (SELECT FROM journeys WHERE campaign_id = c.id AND state NOT IN ('finished', 'exited'))
UNION ALL
SELECT 'current matches of ' || key FROM campaigns WHERE state = 'starting' AND load_state = 'loading'
UNION ALL
SELECT 'filter retry ' || id FROM filter_retries WHERE expires_at <= $1
UNION ALL
SELECT 'inbox ' || id FROM inbox
UNION ALL
SELECT 'outbox ' || id || coalesce(': ' || last_error, '') FROM outbox
"""
NEXT_DUE: Final = """
SELECT min(due) FROM (
    SELECT min(due_at) AS due FROM journeys WHERE state NOT IN ('finished', 'exited')
    UNION ALL
    SELECT min(expires_at) FROM filter_retries
) AS all_due
"""
OPEN: Final = """
SELECT workspace_id, campaign_id, coalesce(entered_as, person_id), occurrence
FROM journeys
WHERE state NOT IN ('finished', 'exited') AND ($1::timestamptz IS NULL OR due_at <= $1)
UNION ALL
SELECT workspace_id, campaign_id, coalesce(entered_as, person_id), occurrence
FROM filter_retries
WHERE $1::timestamptz IS NULL OR expires_at <= $1
"""
TOLD: Final = """
SELECT workspace_id, campaign_id, coalesce(entered_as, person_id), occurrence
FROM journeys
WHERE state IN ('waiting_start', 'grace')
"""
"""Journeys that a change of their person is signalled to."""
REDELIVERED: Final = "SELECT id FROM deliveries WHERE channel = 'webhook' AND state = 'attempted'"
"""Webhooks that are tried again. Nobody waits for them, so a world is at rest all the same."""


def is_busy(workflow: WorkflowExecutionDescription) -> bool:
    """Whether a workflow has a task or an activity under way."""
    seen = workflow.raw_description
    return workflow.status == WorkflowExecutionStatus.RUNNING and bool(
        seen.pending_activities or seen.HasField("pending_workflow_task")
    )


def pauses(workflow: WorkflowExecutionDescription) -> bool:
    """Whether a workflow waits for an activity to be tried again."""
    pending = workflow.raw_description.pending_activities
    return any(
        activity.attempt > 1 and activity.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
        for activity in pending
    )
