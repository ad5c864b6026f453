-- name: known_by_id
SELECT external_id AS identifier FROM people WHERE workspace_id = $1 AND external_id = ANY ($2::text[]);

-- name: known_by_email
SELECT email_key AS identifier FROM people WHERE workspace_id = $1 AND email_key = ANY ($2::text[]);

-- name: known_by_cio_id
SELECT cio_id AS identifier FROM people WHERE workspace_id = $1 AND cio_id = ANY ($2::text[]);

-- name: clear
-- Ask intake to take every member out, so many at a time, in one commit: campaigns hear of each as of any other change.
WITH members AS (
    SELECT people.cio_id, (row_number() OVER (ORDER BY people.id) - 1) / $5 AS chunk
    FROM segment_members JOIN people ON people.id = segment_members.person_id
    WHERE segment_members.segment_id = $2
), written AS (
    INSERT INTO inbox (workspace_id, kind, payload, received_at)
    SELECT $1, 'members',
           jsonb_build_object('segment', $3::text, 'change', 'remove', 'by', 'cio_id', 'ids', jsonb_agg(cio_id)), $4
    FROM members
    GROUP BY chunk
    ORDER BY chunk
)
SELECT count(*) AS members, pg_notify('sojourn_inbox', '') FROM members;
