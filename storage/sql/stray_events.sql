-- name: of
-- The newest events of each anonymous id that are nobody's, oldest first.
SELECT stray.*
FROM unnest($2::text[]) AS asked (anonymous_id)
CROSS JOIN LATERAL (
    SELECT e.anonymous_id, e.id, e.kind, e.name, e.data, e.depth, e.occurred_at, e.received_at
    FROM events AS e
    WHERE e.workspace_id = $1 AND e.anonymous_id = asked.anonymous_id AND e.person_id IS NULL AND e.received_at >= $3
    ORDER BY e.id DESC
    LIMIT $4
) AS stray
ORDER BY stray.id;

-- name: attach
UPDATE events SET person_id = rows.person_id
FROM unnest($1::bigint[], $2::timestamptz[], $3::bigint[]) AS rows (id, received_at, person_id)
WHERE events.id = rows.id AND events.received_at = rows.received_at;
