-- name: add
-- Many messages for Temporal in one statement, and one wake-up for the dispatcher, leaving with the commit.
WITH written AS (
    INSERT INTO outbox (kind, workflow_id, payload, created_at)
    SELECT kind, workflow_id, payload, $4
    FROM unnest($1::text[], $2::text[], $3::jsonb[]) WITH ORDINALITY AS rows (kind, workflow_id, payload, place)
    ORDER BY place
)
SELECT pg_notify('sojourn_outbox', '');

-- name: claim
-- The oldest messages that no other dispatcher holds, of each workflow only the first: what concerns one workflow is told
-- in order. The locks last until the caller's transaction ends, so a dispatcher that dies gives its rows back at once.
SELECT id, kind, workflow_id, payload, created_at, attempts
FROM outbox
WHERE not_before <= $2
  AND NOT EXISTS (SELECT FROM outbox AS earlier WHERE earlier.workflow_id = outbox.workflow_id AND earlier.id < outbox.id)
ORDER BY id
LIMIT $1
FOR UPDATE SKIP LOCKED;

-- name: finish
-- Forget what was told; does more about the same workflows wait behind it?
WITH told AS (
    DELETE FROM outbox WHERE id = ANY ($1::bigint[]) RETURNING workflow_id
)
SELECT EXISTS (SELECT FROM outbox JOIN told USING (workflow_id) WHERE outbox.id <> ALL ($1::bigint[]));

-- name: postpone
-- Keep a message that Temporal could not take yet, with the reason an operator will want to read.
UPDATE outbox SET attempts = attempts + 1, last_error = $2, not_before = $3 WHERE id = $1;

-- name: backlog
SELECT count(*) AS messages, min(created_at) AS oldest FROM outbox;
