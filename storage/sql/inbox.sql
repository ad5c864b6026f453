-- name: append
-- Many inputs in one statement, and one wake-up for intake: the notification leaves with the commit.
WITH written AS (
    INSERT INTO inbox (workspace_id, kind, payload, received_at)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::jsonb[], $4::timestamptz[])
)
SELECT pg_notify('sojourn_inbox', '');

-- name: take
-- The oldest inputs, in order. Only the holder of the intake lock calls this, so no row locks are needed.
SELECT id, workspace_id, kind, payload, received_at
FROM inbox
WHERE workspace_id = $1
ORDER BY id
LIMIT $2;

-- name: waiting
-- Workspaces that have something to do.
SELECT DISTINCT workspace_id FROM inbox;

-- name: remove
DELETE FROM inbox WHERE id = ANY ($1::bigint[]);

-- name: reject
-- Keep an input that cannot be applied, with the reason.
WITH removed AS (
    DELETE FROM inbox WHERE id = $1 RETURNING id, workspace_id, kind, payload, received_at
)
INSERT INTO inbox_rejects (id, workspace_id, kind, payload, received_at, rejected_at, reason)
SELECT id, workspace_id, kind, payload, received_at, $2, $3 FROM removed;

-- name: backlog
-- How much waits and since when, for health checks.
SELECT count(*) AS inputs, min(received_at) AS oldest FROM inbox;
