-- name: add
-- Announced leads; one that waits already stays as it is. The notification leaves with the commit.
WITH added AS (
    INSERT INTO leads (workspace_id, lead_id, form_id, submitted_at, received_at, due_at)
    SELECT $1, lead_id, form_id, submitted_at, $5, $5
    FROM unnest($2::text[], $3::text[], $4::timestamptz[]) AS rows (lead_id, form_id, submitted_at)
    ON CONFLICT DO NOTHING
)
SELECT pg_notify('sojourn_leads', '');

-- name: claim
-- Leads to fetch now, each for a while by nobody else: the next attempt counts as due when that is over.
WITH due AS (
    SELECT workspace_id, lead_id FROM leads WHERE due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED
)
UPDATE leads SET due_at = $2, attempts = attempts + 1
FROM due
WHERE leads.workspace_id = due.workspace_id AND leads.lead_id = due.lead_id
RETURNING leads.workspace_id, leads.lead_id, leads.form_id, coalesce(leads.submitted_at, leads.received_at) AS submitted_at,
          leads.received_at, leads.attempts;

-- name: next_due
SELECT min(due_at) FROM leads;

-- name: remove
DELETE FROM leads WHERE workspace_id = $1 AND lead_id = $2 RETURNING lead_id;

-- name: postpone
UPDATE leads SET due_at = $3, last_error = $4 WHERE workspace_id = $1 AND lead_id = $2;

-- name: hurry
-- Try again now, those that were given up included; $3 NULL is every form.
WITH hurried AS (
    UPDATE leads SET due_at = $2 WHERE workspace_id = $1 AND ($3::text IS NULL OR form_id = $3) RETURNING lead_id
)
SELECT count(*) AS leads, pg_notify('sojourn_leads', '') FROM hurried;
