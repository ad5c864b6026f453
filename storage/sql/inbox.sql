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
-- is ever drawn twice. An input about a thousand members weighs as much as a thousand inputs. One that clears a segment
-- is drawn alone: what came before it has to be true, and it may not be done with one turn.
WITH turn AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock($3) AS is_ours
), oldest AS MATERIALIZED (
    SELECT id, kind = 'members' AND payload ->> 'change' = 'clear' AS is_alone,
           CASE WHEN kind = 'members' THEN coalesce(jsonb_array_length(payload -> 'ids'), $2) ELSE 1 END AS people
    FROM inbox
    WHERE workspace_id = $1 AND (SELECT is_ours FROM turn)
    ORDER BY id
    LIMIT $2
), weighed AS (
    SELECT id, is_alone, row_number() OVER by_id = 1 AS is_first, sum(people) OVER by_id - people AS before
    FROM oldest
    WINDOW by_id AS (ORDER BY id ROWS UNBOUNDED PRECEDING)
)
DELETE FROM inbox
WHERE workspace_id = $1 AND id IN (SELECT id FROM weighed WHERE before < $2 AND (is_first OR NOT is_alone))
RETURNING workspace_id, kind, payload, received_at, id;

-- name: put_back
-- An input that was drawn and is not done goes on to be the oldest, before all that came after it.
INSERT INTO inbox (id, workspace_id, kind, payload, received_at) OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5);

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
    DELETE FROM inbox WHERE workspace_id = $1 AND id = $2 RETURNING id, workspace_id, kind, payload, received_at
)
INSERT INTO inbox_rejects (id, workspace_id, kind, payload, received_at, rejected_at, reason)
SELECT id, workspace_id, kind, payload, received_at, $3, $4 FROM removed;

-- name: oldest
-- When the first input was received that a workspace still has to apply.
SELECT received_at FROM inbox WHERE workspace_id = $1 ORDER BY id LIMIT 1;

-- name: backlog
-- How much waits and since when, for health checks.
SELECT count(*) AS inputs, min(received_at) AS oldest FROM inbox;

-- name: note_judged
-- Whoever has the turn is the only one who writes here, so what was there before is what the statement begins with.
WITH before AS MATERIALIZED (
    SELECT until FROM judged WHERE workspace_id = $1
), noted AS (
    INSERT INTO judged VALUES ($1, $2)
    ON CONFLICT (workspace_id) DO UPDATE SET until = EXCLUDED.until WHERE judged.until < EXCLUDED.until
)
SELECT until FROM before;
