-- name: add
INSERT INTO suppressed_addresses (workspace_id, address_key, reason, suppressed_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING;

-- name: remove
DELETE FROM suppressed_addresses WHERE workspace_id = $1 AND address_key = $2 RETURNING true;

-- name: one
SELECT address_key, reason, suppressed_at FROM suppressed_addresses WHERE workspace_id = $1 AND address_key = $2;

-- name: page
-- Suppressed addresses by keyset.
SELECT address_key, reason, suppressed_at
FROM suppressed_addresses
WHERE workspace_id = $1 AND address_key > $2
ORDER BY address_key
LIMIT $3;

-- name: among
SELECT address_key FROM suppressed_addresses WHERE workspace_id = $1 AND address_key = ANY ($2::text[]);
