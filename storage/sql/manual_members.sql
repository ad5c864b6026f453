-- name: known_by_id
SELECT external_id AS identifier FROM people WHERE workspace_id = $1 AND external_id = ANY ($2::text[]);

-- name: known_by_email
SELECT email_key AS identifier FROM people WHERE workspace_id = $1 AND email_key = ANY ($2::text[]);

-- name: known_by_cio_id
SELECT cio_id AS identifier FROM people WHERE workspace_id = $1 AND cio_id = ANY ($2::text[]);

-- name: count
SELECT count(*) FROM segment_members WHERE segment_id = $1;

-- name: page
-- The next members of a segment after a person, by index; nobody if there is no such segment.
SELECT people.id, people.cio_id
FROM segment_members
JOIN people ON people.id = segment_members.person_id
WHERE segment_members.segment_id = (SELECT id FROM segments WHERE workspace_id = $1 AND key = $2)
  AND segment_members.person_id > $3
ORDER BY segment_members.person_id
LIMIT $4;
