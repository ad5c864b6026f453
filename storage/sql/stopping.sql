-- name: find
SELECT id, workspace_id, key, name, state, started_at FROM campaigns WHERE id = $1;

-- name: hold
-- A campaign whose state is about to change: waits for every decision that was made by the state as it is.
SELECT id, workspace_id, key, name, state, started_at FROM campaigns WHERE id = $1 FOR UPDATE;

-- name: count_open
-- How many journeys of a campaign have not ended, by the index of open journeys.
SELECT count(*) FROM journeys WHERE campaign_id = $1 AND state NOT IN ('finished', 'exited');

-- name: open_page
-- Open journeys of a campaign that began until an instant, by keyset.
SELECT j.id, j.workspace_id, j.campaign_id, j.person_id, coalesce(j.entered_as, j.person_id) AS entrant, j.occurrence,
       j.turn, j.move, j.ending, c.key AS campaign_key, c.name AS campaign_name
FROM journeys AS j
JOIN campaigns AS c ON c.id = j.campaign_id
WHERE j.campaign_id = $1 AND j.id > $2 AND j.started_at <= $3 AND j.state NOT IN ('finished', 'exited')
ORDER BY j.id
LIMIT $4;

-- name: queue_up
-- One after the other: of two journeys that end at the same moment, the second has to see that the first has ended.
SELECT pg_advisory_xact_lock($1, $2);
