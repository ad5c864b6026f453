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
-- The oldest messages that no other dispatcher holds. The locks last until the caller's transaction ends, so a
-- dispatcher that dies gives its rows back at once.
SELECT id, kind, workflow_id, payload, created_at, attempts
FROM outbox
WHERE not_before <= $2
ORDER BY id
LIMIT $1
FOR UPDATE SKIP LOCKED;

-- name: remove
DELETE FROM outbox WHERE id = ANY ($1::bigint[]);

-- name: postpone
-- Keep a message that Temporal could not take yet, with the reason an operator will want to read.
UPDATE outbox SET attempts = attempts + 1, last_error = $2, not_before = $3 WHERE id = $1;

-- name: start_waits
-- Is the start of this workflow still in here? Then its signals have to wait for it.
SELECT EXISTS (SELECT 1 FROM outbox WHERE workflow_id = $1 AND kind = 'start');

-- name: backlog
SELECT count(*) AS messages, min(created_at) AS oldest FROM outbox;
