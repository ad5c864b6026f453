-- name: page
-- Segments by key, with their members counted up to $4.
SELECT s.id, s.key, s.name, s.description, s.kind, s.condition, s.version, s.state, s.created_at, s.updated_at,
       counted.members, counted.members >= $4 AS members_at_least
FROM segments AS s
CROSS JOIN LATERAL (
    SELECT count(*) AS members
    FROM (SELECT FROM segment_members AS m WHERE m.segment_id = s.id LIMIT $4) AS counted_rows
) AS counted
WHERE s.workspace_id = $1 AND s.key > $2
ORDER BY s.key
LIMIT $3;

-- name: one
SELECT s.id, s.key, s.name, s.description, s.kind, s.condition, s.version, s.state, s.created_at, s.updated_at,
       counted.members, counted.members >= $3 AS members_at_least
FROM segments AS s
CROSS JOIN LATERAL (
    SELECT count(*) AS members
    FROM (SELECT FROM segment_members AS m WHERE m.segment_id = s.id LIMIT $3) AS counted_rows
) AS counted
WHERE s.workspace_id = $1 AND s.key = $2;

-- name: members
-- Members by internal id, with since when they match.
SELECT m.person_id, p.external_id AS id, p.email, p.cio_id, m.since
FROM segment_members AS m
JOIN people AS p ON p.id = m.person_id
WHERE m.segment_id = $1 AND m.person_id > $2
ORDER BY m.person_id
LIMIT $3;

-- name: used_by
-- Campaigns whose latest version asks about a segment (behaviour 3.19).
SELECT c.key AS campaign_key, c.name AS campaign_name, c.state
FROM campaigns AS c
JOIN campaign_versions AS v ON v.campaign_id = c.id AND v.version = c.latest_version
WHERE c.workspace_id = $1 AND v.segments @> ARRAY[$2::text]
ORDER BY c.key
LIMIT $3;

-- name: named
-- A segment by its number or its key; the number goes before.
SELECT key, kind, state
FROM segments
WHERE workspace_id = $1 AND (id = $2 OR key = $3)
ORDER BY id IS NOT DISTINCT FROM $2::bigint DESC
LIMIT 1;
