-- name: known_events
-- Which of these have come in lately. All count as known where there is more than is looked at, and where nothing has
-- come in at all.
WITH looked AS (
    SELECT workspace_id, kind, name FROM events ORDER BY id DESC LIMIT $4
)
SELECT asked.kind, asked.name
FROM unnest($2::text[], $3::text[]) AS asked (kind, name)
WHERE (SELECT count(*) FROM looked) = $4
   OR NOT EXISTS (SELECT FROM looked WHERE looked.workspace_id = $1)
   OR EXISTS (
       SELECT FROM looked
       WHERE looked.workspace_id = $1 AND looked.kind = asked.kind AND looked.name = asked.name
   );

-- name: is_form_known
SELECT EXISTS (SELECT FROM forms WHERE workspace_id = $1 AND form_id = $2)
    OR NOT EXISTS (SELECT FROM forms WHERE workspace_id = $1);

-- name: is_attribute_known
-- Whether somebody has it among the people made last; true as well where there are more of them, or nobody.
WITH looked AS (
    SELECT workspace_id, attributes FROM people ORDER BY id DESC LIMIT $3
)
SELECT (SELECT count(*) FROM looked) = $3
    OR NOT EXISTS (SELECT FROM looked WHERE workspace_id = $1)
    OR EXISTS (SELECT FROM looked WHERE workspace_id = $1 AND attributes ? $2);
