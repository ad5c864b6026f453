-- name: begin
UPDATE campaigns
SET state = 'starting', load_state = 'loading', load_cursor = 0, load_total = NULL, loaded = 0, load_held_back = 0,
    load_rate = $2, load_since = $3, load_version = latest_version, load_ordered_at = NULL
WHERE id = $1;

-- name: find
SELECT c.workspace_id, CASE WHEN c.state = 'starting' THEN c.load_state END AS state, c.load_cursor AS cursor,
       c.load_total AS total, c.loaded, c.load_rate AS rate, c.load_since AS since, c.started_at,
       begun.document -> 'trigger' AS trigger_before
FROM campaigns AS c
JOIN campaign_versions AS latest ON (latest.campaign_id, latest.version) = (c.id, c.latest_version)
LEFT JOIN campaign_versions AS begun
    ON (begun.campaign_id, begun.version) = (c.id, c.load_version)
    AND begun.document -> 'trigger' <> latest.document -> 'trigger'
WHERE c.id = $1 AND c.started_at IS NOT NULL;

-- name: order
UPDATE campaigns
SET load_state = CASE WHEN load_ordered_at > $3 THEN load_state ELSE $2 END,
    load_ordered_at = greatest(load_ordered_at, $3)
WHERE id = $1 AND state = 'starting' AND load_state IS NOT NULL
RETURNING true;

-- name: advance
UPDATE campaigns
SET load_total = $2, load_cursor = $4, loaded = loaded + $5, load_held_back = load_held_back + $6
WHERE id = $1 AND load_cursor = $3 AND state = 'starting' AND load_state = 'loading'
RETURNING true;

-- name: finish
UPDATE campaigns SET state = 'running', load_state = 'over', updated_at = $2
WHERE id = $1 AND state = 'starting';
