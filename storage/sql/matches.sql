-- name: stop
-- Who stops has matched until now: an earlier instant is left from before a segment or campaign was edited. The wait
-- counts only while it goes on: a journey that stands in front of a message is in none.
UPDATE journeys
SET unmatched_at = rows.at,
    unmatched_wait = CASE
        WHEN journeys.state = 'running' AND journeys.due_at > rows.at AND journeys.arrived_at <= rows.at
        THEN journeys.due_at - journeys.arrived_at
    END
FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) AS rows (campaign_id, person_id, at)
WHERE journeys.campaign_id = rows.campaign_id AND journeys.person_id = rows.person_id
  AND journeys.state NOT IN ('finished', 'exited');

-- name: begin
UPDATE journeys
SET unmatched_at = NULL, unmatched_wait = NULL
FROM unnest($1::bigint[], $2::bigint[]) AS rows (campaign_id, person_id)
WHERE journeys.campaign_id = rows.campaign_id AND journeys.person_id = rows.person_id
  AND journeys.state NOT IN ('finished', 'exited')
RETURNING journeys.campaign_id, journeys.person_id, coalesce(journeys.entered_as, journeys.person_id) AS entrant,
          journeys.occurrence, journeys.state;

-- name: waiting
SELECT j.campaign_id, j.person_id, coalesce(j.entered_as, j.person_id) AS entrant, j.occurrence, j.state
FROM unnest($1::bigint[], $2::bigint[]) AS asked (campaign_id, person_id)
JOIN journeys AS j ON j.campaign_id = asked.campaign_id AND j.person_id = asked.person_id AND j.state = 'waiting_start';
