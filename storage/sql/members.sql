-- name: of_people
-- What is known of people besides their own rows. Asked in a statement after the one that locked them, so that nothing
-- which was written before the lock is missed. As long as nothing at all is overdue, nobody is looked up for it.
SELECT person_id AS id,
       ARRAY(SELECT segment_id FROM segment_members WHERE person_id = rows.person_id) AS segments,
       EXISTS (SELECT FROM filter_retries WHERE person_id = rows.person_id) AS is_retrying,
       CASE
           WHEN $2 >= least((SELECT min(due_at) FROM segment_rechecks),
                            (SELECT min(fire_at) FROM date_fires),
                            (SELECT min(due_at) FROM reentries))
           THEN EXISTS (SELECT FROM segment_rechecks WHERE person_id = rows.person_id AND due_at <= $2)
             OR EXISTS (SELECT FROM date_fires WHERE person_id = rows.person_id AND fire_at <= $2)
             OR EXISTS (SELECT FROM reentries WHERE person_id = rows.person_id AND due_at <= $2)
           ELSE false
       END AS is_overdue
FROM unnest($1::bigint[]) AS rows (person_id);

-- name: join
INSERT INTO segment_members (segment_id, person_id, since)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]);

-- name: leave
DELETE FROM segment_members
USING unnest($1::bigint[], $2::bigint[]) AS rows (segment_id, person_id)
WHERE segment_members.segment_id = rows.segment_id AND segment_members.person_id = rows.person_id;

-- name: schedule
-- Look again at these people at these instants.
INSERT INTO segment_rechecks (segment_id, person_id, due_at)
SELECT segment_id, person_id, due_at
FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) AS rows (segment_id, person_id, due_at)
ON CONFLICT (segment_id, person_id)
DO UPDATE SET due_at = EXCLUDED.due_at WHERE segment_rechecks.due_at <> EXCLUDED.due_at;

-- name: unschedule
DELETE FROM segment_rechecks
USING unnest($1::bigint[], $2::bigint[]) AS rows (segment_id, person_id)
WHERE segment_rechecks.segment_id = rows.segment_id AND segment_rechecks.person_id = rows.person_id;

-- name: due
-- Whose memberships are to be looked at now, by index, oldest first.
SELECT rechecks.person_id
FROM segment_rechecks AS rechecks
JOIN segments ON segments.id = rechecks.segment_id
WHERE rechecks.due_at <= $2 AND segments.workspace_id = $1
ORDER BY rechecks.due_at
LIMIT $3;

-- name: next_due
SELECT min(due_at) FROM segment_rechecks;
