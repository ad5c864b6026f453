-- name: page
-- Forms by id, with the campaigns whose latest version they trigger.
SELECT f.form_id, f.type, f.fields, f.mapping, f.created_at,
       ARRAY(
           SELECT c.key
           FROM campaigns AS c
           JOIN campaign_versions AS v ON v.campaign_id = c.id AND v.version = c.latest_version
           WHERE c.workspace_id = f.workspace_id AND v.document -> 'trigger' ->> 'form' = f.form_id
           ORDER BY c.key
       ) AS used_by
FROM forms AS f
WHERE f.workspace_id = $1 AND f.form_id > $2
ORDER BY f.form_id
LIMIT $3;

-- name: one
SELECT f.form_id, f.type, f.fields, f.mapping, f.created_at,
       ARRAY(
           SELECT c.key
           FROM campaigns AS c
           JOIN campaign_versions AS v ON v.campaign_id = c.id AND v.version = c.latest_version
           WHERE c.workspace_id = f.workspace_id AND v.document -> 'trigger' ->> 'form' = f.form_id
           ORDER BY c.key
       ) AS used_by
FROM forms AS f
WHERE f.workspace_id = $1 AND f.form_id = $2;

-- name: leads
-- Leads that are not fetched yet, by id.
SELECT lead_id, form_id, received_at, attempts, due_at, last_error
FROM leads
WHERE workspace_id = $1 AND lead_id > $2
ORDER BY lead_id
LIMIT $3;
