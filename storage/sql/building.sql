-- name: end_of_page
SELECT max(id) FROM (SELECT id FROM people WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3) AS page;

-- name: progress
SELECT segments.build_cursor AS cursor,
       coalesce((SELECT id FROM people WHERE workspace_id = $1 ORDER BY id DESC LIMIT 1), 0) AS last
FROM segments
WHERE segments.id = $2;

-- name: joined
-- Part of a page: $2 is the segment, $5 the present, `looked` the people with the truth of each.
joined AS (
    INSERT INTO segment_members (segment_id, person_id, since)
    SELECT $2::bigint, id, $5::timestamptz FROM looked WHERE holds
    ON CONFLICT DO NOTHING
);

-- name: left
gone AS (
    DELETE FROM segment_members AS m
    USING looked
    WHERE m.segment_id = $2::bigint AND m.person_id > $3::bigint AND m.person_id <= $4::bigint
      AND m.person_id = looked.id AND NOT looked.holds
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
    USING looked
    WHERE r.segment_id = $2::bigint AND r.person_id = looked.id AND looked.holds IS NOT NULL AND looked.change IS NULL
);
