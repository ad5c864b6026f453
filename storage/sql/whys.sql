-- name: entries
SELECT coalesce(history.entries, 0) AS count, history.last_entered_at AS last_at,
       EXISTS (
           SELECT FROM journeys
           WHERE person_id = asked.person_id AND campaign_id = asked.campaign_id AND state NOT IN ('finished', 'exited')
       ) AS is_inside
FROM (VALUES ($1::bigint, $2::bigint)) AS asked (campaign_id, person_id)
LEFT JOIN entry_history AS history USING (campaign_id, person_id);

-- name: scheduled
SELECT fires.fire_at AS date_at, fires.date, CASE WHEN again.kind = 'interval' THEN nullif(again.due_at, 'infinity') END AS again_at
FROM (VALUES ($1::bigint, $2::bigint)) AS asked (campaign_id, person_id)
LEFT JOIN date_fires AS fires USING (campaign_id, person_id)
LEFT JOIN reentries AS again USING (campaign_id, person_id);

-- name: events
SELECT id, data, occurred_at, received_at, depth
FROM events
WHERE person_id = $1 AND kind = $2 AND name = $3
ORDER BY id DESC
LIMIT $4;
