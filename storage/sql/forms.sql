-- name: known
-- The mapping of a form whose type and fields are known already: most submissions write nothing here.
SELECT mapping FROM forms
WHERE workspace_id = $1 AND form_id = $2 AND fields @> $4::text[] AND ($3 = 'form' OR type = $3);

-- name: ensure
-- A form that was never heard of, or has new fields; the first ones stay.
INSERT INTO forms (workspace_id, form_id, type, fields, created_at)
VALUES ($1, $2, $3, ($4::text[])[1:$6], $5)
ON CONFLICT (workspace_id, form_id) DO UPDATE
SET type = CASE WHEN EXCLUDED.type = 'form' THEN forms.type ELSE EXCLUDED.type END,
    fields = (forms.fields || ARRAY(SELECT field FROM unnest($4::text[]) AS field WHERE field <> ALL (forms.fields)))[1:$6]
RETURNING mapping;

-- name: map
INSERT INTO forms (workspace_id, form_id, mapping, created_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace_id, form_id) DO UPDATE SET mapping = EXCLUDED.mapping;
