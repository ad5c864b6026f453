-- name: by_id
SELECT id AS person_id, cio_id, external_id, email, attributes, created_at, updated_at
FROM people
WHERE workspace_id = $1 AND external_id = $2;

-- name: by_email
SELECT id AS person_id, cio_id, external_id, email, attributes, created_at, updated_at
FROM people
WHERE workspace_id = $1 AND email_key = $2;

-- name: by_cio_id
SELECT id AS person_id, cio_id, external_id, email, attributes, created_at, updated_at
FROM people
WHERE workspace_id = $1 AND cio_id = $2;

-- name: segments
-- Segments a person is in, with since when.
SELECT s.key, s.name, m.since
FROM segment_members AS m
JOIN segments AS s ON s.id = m.segment_id
WHERE m.person_id = $1
ORDER BY s.key
LIMIT $2;

-- name: devices
SELECT token, platform, last_used, attributes
FROM devices
WHERE person_id = $1
ORDER BY last_used DESC, token
LIMIT $2;

-- name: failed_changes
-- Changes that were asked for and could not be made, latest first.
SELECT at, reason, detail
FROM failed_changes
WHERE person_id = $1
ORDER BY at DESC, id DESC
LIMIT $2;
