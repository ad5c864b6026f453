-- name: append
-- Many inputs in one statement, and one wake-up for intake: the notification leaves with the commit.
WITH written AS (
    INSERT INTO inbox (workspace_id, kind, payload, received_at)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::jsonb[], $4::timestamptz[])
)
SELECT pg_notify('sojourn_inbox', '');

-- name: draw
-- Take the oldest inputs out, in any order, if no other intake is at work on the workspace; its turn ends with the transaction. The
-- rows are back if that fails. Inputs that another one has just applied are gone when their locks are free, so nothing
-- is ever drawn twice. An input about a thousand members weighs as much as a thousand inputs.
WITH turn AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock($3) AS is_ours
), oldest AS MATERIALIZED (
    SELECT id, CASE WHEN kind = 'members' THEN jsonb_array_length(payload -> 'ids') ELSE 1 END AS people
    FROM inbox
    WHERE workspace_id = $1 AND (SELECT is_ours FROM turn)
    ORDER BY id
    LIMIT $2
), weighed AS (
    SELECT id, sum(people) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) - people AS before FROM oldest
)
DELETE FROM inbox WHERE id IN (SELECT id FROM weighed WHERE before < $2)
RETURNING workspace_id, kind, payload, received_at, id;

-- name: take_turn
-- Keep every other intake off the workspace until the transaction ends. What is due may be settled up to the present, or
-- to the receipt of the oldest input that waits; NULL if another intake is at work.
SELECT CASE
    WHEN pg_try_advisory_xact_lock($1)
    THEN least($3::timestamptz, (SELECT received_at FROM inbox WHERE workspace_id = $2 ORDER BY id LIMIT 1))
END;

-- name: reject
-- Keep an input that cannot be applied, with the reason.
WITH removed AS (
    DELETE FROM inbox WHERE id = $1 RETURNING id, workspace_id, kind, payload, received_at
)
INSERT INTO inbox_rejects (id, workspace_id, kind, payload, received_at, rejected_at, reason)
SELECT id, workspace_id, kind, payload, received_at, $2, $3 FROM removed;

-- name: oldest
-- When the first input was received that a workspace still has to apply.
SELECT received_at FROM inbox WHERE workspace_id = $1 ORDER BY id LIMIT 1;

-- name: backlog
-- How much waits and since when, for health checks.
SELECT count(*) AS inputs, min(received_at) AS oldest FROM inbox;

-- name: judged_until
SELECT until FROM judged WHERE workspace_id = $1;

-- name: note_judged
INSERT INTO judged VALUES ($1, $2)
ON CONFLICT (workspace_id) DO UPDATE SET until = EXCLUDED.until WHERE judged.until < EXCLUDED.until;
