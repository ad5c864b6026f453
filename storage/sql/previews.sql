-- name: limit_statements
SELECT set_config('statement_timeout', $1, true);

-- name: among
-- Part of a page: ($2, $3] are the people of workspace $1.
WHERE p.workspace_id = $1::bigint AND p.id > $2::bigint AND p.id <= $3::bigint

-- name: page
-- `looked` are the people with the truth of each; $4 of those who match are named.
SELECT count(*) FILTER (WHERE holds) AS matching,
       ARRAY(SELECT id FROM looked WHERE holds ORDER BY id LIMIT $4::bigint) AS first,
       ARRAY(SELECT id FROM looked WHERE holds IS NULL ORDER BY id) AS unclear
FROM looked;
