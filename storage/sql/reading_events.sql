-- name: recent
-- The newest events of a workspace, of one kind and name if asked. Ids run over all workspaces and months, so what one
-- page looks at is bounded.
WITH looked AS (
    SELECT id, workspace_id, kind, name FROM events WHERE id < $2 ORDER BY id DESC LIMIT $6
)
SELECT array(
           SELECT id FROM looked
           WHERE workspace_id = $1 AND ($3::text IS NULL OR kind = $3) AND ($4::text IS NULL OR name = $4)
           ORDER BY id DESC LIMIT $5
       ) AS ids,
       count(*) AS looked, min(id) AS last
FROM looked;

-- name: rows
SELECT e.id, e.kind, e.name, e.data, e.occurred_at, e.received_at, e.anonymous_id,
       p.external_id, p.email, p.cio_id
FROM events AS e
LEFT JOIN people AS p ON p.id = e.person_id
WHERE e.workspace_id = $1 AND e.id = ANY ($2::bigint[])
ORDER BY e.id DESC;
