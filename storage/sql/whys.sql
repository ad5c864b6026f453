-- name: entries
SELECT coalesce(history.entries, 0) AS count, history.last_entered_at AS last_at,
       coalesce(history.has_stopped, false) AS has_stopped,
       EXISTS (
           SELECT FROM journeys
           WHERE person_id = asked.person_id AND campaign_id = asked.campaign_id AND state NOT IN ('finished', 'exited')
       ) AS is_inside,
       (
           SELECT max(expires_at) FROM filter_retries
           WHERE person_id = asked.person_id AND campaign_id = asked.campaign_id
       ) AS waits_until
FROM (VALUES ($1::bigint, $2::bigint)) AS asked (campaign_id, person_id)
LEFT JOIN entry_history AS history USING (campaign_id, person_id);

-- name: scheduled
SELECT nullif(fires.fire_at, 'infinity') AS date_at, nullif(fires.date, 'infinity') AS date,
       CASE WHEN again.kind = 'interval' THEN nullif(again.due_at, 'infinity') END AS again_at
FROM (VALUES ($1::bigint, $2::bigint)) AS asked (campaign_id, person_id)
JOIN campaigns ON campaigns.id = asked.campaign_id
LEFT JOIN date_fires AS fires
    ON fires.campaign_id = asked.campaign_id AND fires.person_id = asked.person_id
    AND (fires.computation = campaigns.dates_computation OR fires.fire_at <= campaigns.dates_after)
LEFT JOIN reentries AS again ON again.campaign_id = asked.campaign_id AND again.person_id = asked.person_id;

-- name: events
SELECT id, data, occurred_at, received_at, depth
FROM events
WHERE person_id = $1 AND kind = $2 AND name = $3
ORDER BY id DESC
LIMIT $4;

-- The names of a person's events, each once: a jump in the index for each name, however often each was done.
-- name: names
WITH RECURSIVE done AS (
    (SELECT name FROM events WHERE person_id = $1 AND kind = $2 ORDER BY name LIMIT 1)
    UNION ALL
    SELECT (
        SELECT name FROM events WHERE person_id = $1 AND kind = $2 AND name > done.name ORDER BY name LIMIT 1
    )
    FROM done
    WHERE done.name IS NOT NULL
)
SELECT name FROM done WHERE name IS NOT NULL LIMIT $3;
