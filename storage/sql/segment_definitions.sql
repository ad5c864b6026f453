-- name: all_of
-- Every segment of a workspace, as it was saved.
SELECT id, key, name, description, kind, condition, version, state
FROM segments
WHERE workspace_id = $1
ORDER BY key;

-- name: create
-- A new segment has no members yet, so it has to be built (behaviour 3.04).
INSERT INTO segments (workspace_id, key, name, description, kind, condition, state, created_at, updated_at)
VALUES ($1, $2, $3, $4, 'data', $5, 'building', $6, $6);

-- name: describe
UPDATE segments SET name = $2, description = $3, updated_at = $4 WHERE id = $1;

-- name: redefine
-- Another condition: the next version, built from the first person on.
UPDATE segments
SET condition = $2, version = version + 1, state = 'building', build_cursor = 0, redefined_at = $3, updated_at = $3
WHERE id = $1;

-- name: rebuild
-- The condition is the same, but a segment it asks about is another one now.
UPDATE segments
SET state = 'building', build_cursor = 0, redefined_at = $2, updated_at = $2
WHERE id = ANY ($1::bigint[]);
