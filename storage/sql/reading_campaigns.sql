-- name: page
-- Campaigns by key, with how many people are inside; the count is bounded. Workflows hold whole emails: not in a list.
SELECT c.id, c.key, c.name, c.state, c.latest_version, c.created_at, c.updated_at, c.first_started_at, c.started_at,
       c.stopped_at, c.stop_mode, c.webhook_token, c.load_state, c.loaded, c.load_held_back, c.load_total,
       v.document - 'workflow' AS document, inside.journeys AS inside,
       inside.journeys >= $4 AS inside_at_least
FROM campaigns AS c
JOIN campaign_versions AS v ON v.campaign_id = c.id AND v.version = c.latest_version
CROSS JOIN LATERAL (
    SELECT count(*) AS journeys
    FROM (
        SELECT FROM journeys AS j
        WHERE j.campaign_id = c.id AND j.state NOT IN ('finished', 'exited')
        LIMIT $4
    ) AS open
) AS inside
WHERE c.workspace_id = $1 AND c.key > $2
ORDER BY c.key
LIMIT $3;

-- name: one
SELECT c.id, c.key, c.name, c.state, c.latest_version, c.created_at, c.updated_at, c.first_started_at, c.started_at,
       c.stopped_at, c.stop_mode, c.webhook_token, c.load_state, c.loaded, c.load_held_back, c.load_total,
       v.document, inside.journeys AS inside,
       inside.journeys >= $3 AS inside_at_least
FROM campaigns AS c
JOIN campaign_versions AS v ON v.campaign_id = c.id AND v.version = c.latest_version
CROSS JOIN LATERAL (
    SELECT count(*) AS journeys
    FROM (
        SELECT FROM journeys AS j
        WHERE j.campaign_id = c.id AND j.state NOT IN ('finished', 'exited')
        LIMIT $3
    ) AS open
) AS inside
WHERE c.workspace_id = $1 AND c.key = $2;

-- name: version
SELECT v.document
FROM campaign_versions AS v
WHERE v.campaign_id = $1 AND v.version = $2;

-- name: versions
-- Newest first.
SELECT version, created_at
FROM campaign_versions
WHERE campaign_id = $1 AND version < $2
ORDER BY version DESC
LIMIT $3;
