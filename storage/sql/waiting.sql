-- name: page
-- Journeys of a campaign that wait for an instant they were given by an older version, by keyset.
SELECT j.id, j.workspace_id, j.campaign_id, j.person_id, coalesce(j.entered_as, j.person_id) AS entrant, j.occurrence,
       j.turn, j.move, j.ending, j.due_at, j.block, j.version, c.latest_version, c.key AS campaign_key, c.name AS campaign_name
FROM journeys AS j
JOIN campaigns AS c ON c.id = j.campaign_id
WHERE j.campaign_id = $1 AND j.id > $2 AND j.state NOT IN ('finished', 'exited')
  AND j.due_at IS NOT NULL AND j.block IS NOT NULL AND j.version < c.latest_version
ORDER BY j.id
LIMIT $3;
