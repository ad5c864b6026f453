-- name: of_people
SELECT person_id, question_id, total, newest, upcoming FROM tallies WHERE person_id = ANY ($1::bigint[]);

-- name: instants
-- When people did a thing, whatever the data of it.
SELECT person_id, occurred_at
FROM events
WHERE person_id = ANY ($1::bigint[]) AND kind = $2
  AND CASE WHEN $4 THEN strpos(name, $3) > 0 ELSE name = $3 END;

-- name: events
SELECT person_id, occurred_at, data
FROM events
WHERE person_id = ANY ($1::bigint[]) AND kind = $2
  AND CASE WHEN $4 THEN strpos(name, $3) > 0 ELSE name = $3 END;

-- name: keep
INSERT INTO tallies (person_id, question_id, total, newest, upcoming)
SELECT person_id, question_id, total, newest::timestamptz[], upcoming::timestamptz[]
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[])
     AS rows (person_id, question_id, total, newest, upcoming)
ON CONFLICT (person_id, question_id)
DO UPDATE SET total = EXCLUDED.total, newest = EXCLUDED.newest, upcoming = EXCLUDED.upcoming;
