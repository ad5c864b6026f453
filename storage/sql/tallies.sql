-- name: of_people
SELECT person_id, question_id, total, newest, upcoming FROM tallies WHERE person_id = ANY ($1::bigint[]);

-- name: count
-- `judged` are the events of people, with the truth of what is asked of their data: NULL where only Python can say.
-- $1 is the present, $2 how many of the newest instants are kept, $3 how many of those to come.
SELECT person_id, bool_or(truth IS NULL) AS is_unclear,
       count(*) FILTER (WHERE occurred_at <= $1::timestamptz) AS total,
       (array_agg(occurred_at ORDER BY occurred_at DESC) FILTER (WHERE occurred_at <= $1))[1:$2::integer] AS newest,
       (array_agg(occurred_at ORDER BY occurred_at) FILTER (WHERE occurred_at > $1))[1:$3::integer] AS upcoming
FROM judged
WHERE truth IS NOT FALSE
GROUP BY person_id;

-- name: events
SELECT person_id, occurred_at, data
FROM events
WHERE person_id = ANY ($1::bigint[]) AND kind = $2
  AND CASE WHEN $4 THEN strpos(name, $3) > 0 ELSE name = $3 END
  AND ($5::timestamptz IS NULL OR received_at >= $5);

-- name: keep
INSERT INTO tallies (person_id, question_id, total, newest, upcoming)
SELECT person_id, question_id, total, newest::timestamptz[], upcoming::timestamptz[]
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[])
     AS rows (person_id, question_id, total, newest, upcoming)
ON CONFLICT (person_id, question_id)
DO UPDATE SET total = EXCLUDED.total, newest = EXCLUDED.newest, upcoming = EXCLUDED.upcoming;
