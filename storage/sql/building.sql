-- name: end_of_page
-- Ids are counted, not people: looking for the last of a hundred thousand people would read all of them once more. Where
-- other workspaces have ids in between, a page is shorter.
SELECT least(next.id + $3 - 1, (SELECT max(id) FROM people))
FROM (SELECT id FROM people WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT 1) AS next;

-- name: give_room
-- Until the transaction ends: what a hundred thousand people did is sorted and counted in memory.
SET LOCAL work_mem = '64MB';

-- name: progress
SELECT segments.build_cursor AS cursor,
       coalesce((SELECT id FROM people WHERE workspace_id = $1 ORDER BY id DESC LIMIT 1), 0) AS last
FROM segments
WHERE segments.id = $2;

-- name: joined
-- Part of a page: $2 is the segment, ($3, $4] the people, $5 the present, `looked` those with something to write. Nobody
-- else writes meanwhile, so what is not there can be inserted without asking twice.
joined AS (
    INSERT INTO segment_members (segment_id, person_id, since)
    SELECT $2::bigint, id, $5::timestamptz FROM looked
    WHERE holds AND NOT EXISTS (
        SELECT FROM segment_members AS m
        WHERE m.segment_id = $2::bigint AND m.person_id = looked.id
          AND m.person_id > $3::bigint AND m.person_id <= $4::bigint
    )
);

-- name: left
gone AS (
    DELETE FROM segment_members AS m
    WHERE m.segment_id = $2::bigint AND m.person_id > $3::bigint AND m.person_id <= $4::bigint
      AND NOT EXISTS (SELECT FROM looked WHERE looked.id = m.person_id AND looked.holds IS NOT FALSE)
);

-- name: scheduled
scheduled AS (
    INSERT INTO segment_rechecks (segment_id, person_id, due_at)
    SELECT $2::bigint, id, change FROM looked WHERE holds IS NOT NULL AND change IS NOT NULL
    ON CONFLICT (segment_id, person_id) DO UPDATE SET due_at = EXCLUDED.due_at
);

-- name: settled
settled AS (
    DELETE FROM segment_rechecks AS r
    WHERE r.segment_id = $2::bigint AND r.person_id > $3::bigint AND r.person_id <= $4::bigint
      AND NOT EXISTS (SELECT FROM looked WHERE looked.id = r.person_id AND (holds IS NULL OR change IS NOT NULL))
);
