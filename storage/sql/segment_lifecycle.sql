-- name: create_manual
-- Nobody has to be found for it, so it is ready at once.
INSERT INTO segments (workspace_id, key, name, description, kind, state, created_at, updated_at)
VALUES ($1, $2, $3, $4, 'manual', 'ready', $5, $5);

-- name: used_by_campaigns
-- Campaigns whose latest version asks about a segment or moves people in and out of it (behaviour 3.31).
SELECT c.key, c.state
FROM campaigns AS c
JOIN campaign_versions AS v ON v.campaign_id = c.id AND v.version = c.latest_version
WHERE c.workspace_id = $1 AND v.segments @> ARRAY[$2::text]
ORDER BY c.key;

-- name: archive
-- Nobody is looked at again for it.
WITH rechecks AS (
    DELETE FROM segment_rechecks WHERE segment_id = $1
)
UPDATE segments SET state = 'archived', updated_at = $2 WHERE id = $1;

-- name: unarchive
UPDATE segments
SET state = CASE kind WHEN 'manual' THEN 'ready' ELSE 'building' END, build_cursor = 0, redefined_at = $2, updated_at = $2
WHERE id = ANY ($1::bigint[]);

-- name: remove
WITH rechecks AS (
    DELETE FROM segment_rechecks WHERE segment_id = $1
), members AS (
    DELETE FROM segment_members WHERE segment_id = $1
)
DELETE FROM segments WHERE id = $1;
