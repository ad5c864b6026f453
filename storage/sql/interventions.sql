-- name: journey
-- The journey an operator takes hold of.
SELECT campaign_id, coalesce(entered_as, person_id) AS entrant, occurrence, state, exit_reason, ending, ended_at
FROM journeys
WHERE id = $1 AND workspace_id = $2
FOR UPDATE;

-- name: end_journey
-- Ask for the end. The note stands in the log behind what was decided in this turn.
WITH asked AS (
    UPDATE journeys SET ending = $2 WHERE id = $1 RETURNING id, turn, block
)
INSERT INTO decisions (journey_id, turn, place, at, kind, block, text)
SELECT id, turn, $3, $4, 'ending', block, $5 FROM asked
ON CONFLICT DO NOTHING;

-- name: drop_retry
-- End one wait for filters.
WITH dropped AS (
    DELETE FROM filter_retries
    WHERE id = $1 AND workspace_id = $2
    RETURNING id, campaign_id, person_id, coalesce(entered_as, person_id) AS entrant, occurrence, workspace_id
), refused AS (
    INSERT INTO refusals (campaign_id, person_id, occurrence, workspace_id, at, reason, seen, retry_id)
    SELECT campaign_id, person_id, occurrence, workspace_id, $3, $4, $5, id FROM dropped
    ON CONFLICT DO NOTHING
)
SELECT campaign_id, entrant, occurrence FROM dropped;

-- name: delivery
-- The delivery an operator settles.
SELECT id, state, failure, attempts, campaign_id, person_id, block, content IS NULL AS is_erased
FROM deliveries
WHERE workspace_id = $1 AND public_id = $2
FOR UPDATE;

-- name: drop_delivery
UPDATE deliveries
SET state = 'undeliverable', failure = $2, updated_at = $3, times = $4 || times
WHERE id = $1;
