-- name: add
-- Block identifiers. `person_id` remembers which of them belonged together, so that they are freed together.
INSERT INTO suppressed_identifiers (workspace_id, identifier_hash, person_id, suppressed_at)
SELECT $1, identifier_hash, person_id, $4
FROM unnest($2::bytea[], $3::bigint[]) AS rows (identifier_hash, person_id)
ORDER BY identifier_hash
ON CONFLICT DO NOTHING;

-- name: remove
-- Free identifiers, and whatever belonged to the same people; return what is free now.
DELETE FROM suppressed_identifiers
WHERE workspace_id = $1
  AND (identifier_hash = ANY ($2::bytea[])
       OR person_id IN (SELECT person_id FROM suppressed_identifiers
                        WHERE workspace_id = $1 AND identifier_hash = ANY ($2::bytea[])))
RETURNING identifier_hash;

-- name: among
SELECT identifier_hash FROM suppressed_identifiers WHERE workspace_id = $1 AND identifier_hash = ANY ($2::bytea[]);
