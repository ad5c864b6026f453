-- Everything of person $1 becomes person $2's.

-- name: move_events
-- Events heard of since an instant. Returns when the earliest of them happened.
WITH moved AS (
    UPDATE events SET person_id = $2 WHERE person_id = $1 AND received_at >= $3 RETURNING occurred_at
)
SELECT min(occurred_at) FROM moved;

-- name: move_devices
-- A device that both have stays as the other one had it.
UPDATE devices AS mine SET person_id = $2
WHERE person_id = $1 AND NOT EXISTS (SELECT FROM devices WHERE person_id = $2 AND token = mine.token);

-- name: move_deliveries
UPDATE deliveries SET person_id = $2 WHERE person_id = $1;

-- name: move_refusals
UPDATE refusals AS mine SET person_id = $2
WHERE person_id = $1
  AND NOT EXISTS (
      SELECT FROM refusals
      WHERE campaign_id = mine.campaign_id AND person_id = $2 AND occurrence = mine.occurrence
  );

-- name: move_journeys
-- Running ones go on, finished ones are history (behaviour 17.14). The workflow keeps the name of who entered. Returns the
-- campaigns of those that are open.
WITH moved AS (
    UPDATE journeys SET person_id = $2, entered_as = coalesce(entered_as, person_id)
    WHERE person_id = $1
    RETURNING campaign_id, state
)
SELECT DISTINCT campaign_id FROM moved WHERE state NOT IN ('finished', 'exited');

-- name: move_history
-- How often they entered, and when: both counts in one (behaviour 2.20-2.28). Whoever of the two stopped matching has
-- stopped, because the other one's match is not theirs.
WITH gone AS (
    DELETE FROM entry_history WHERE person_id = $1
    RETURNING campaign_id, first_entered_at, last_entered_at, entries, has_stopped
)
INSERT INTO entry_history AS kept (campaign_id, person_id, first_entered_at, last_entered_at, entries, has_stopped)
SELECT campaign_id, $2, first_entered_at, last_entered_at, entries, has_stopped FROM gone
ON CONFLICT (campaign_id, person_id) DO UPDATE
SET first_entered_at = least(kept.first_entered_at, EXCLUDED.first_entered_at),
    last_entered_at = greatest(kept.last_entered_at, EXCLUDED.last_entered_at),
    entries = kept.entries + EXCLUDED.entries,
    has_stopped = kept.has_stopped OR EXCLUDED.has_stopped;

-- name: move_reentries
UPDATE reentries AS mine SET person_id = $2
WHERE person_id = $1
  AND NOT EXISTS (SELECT FROM reentries WHERE campaign_id = mine.campaign_id AND person_id = $2);
