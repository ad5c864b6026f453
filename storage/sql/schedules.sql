-- name: keep_dates
INSERT INTO date_fires (campaign_id, person_id, fire_at, date, computation)
SELECT rows.*, campaigns.dates_computation
FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::date[]) AS rows (campaign_id, person_id, fire_at, date)
JOIN campaigns ON campaigns.id = rows.campaign_id
ON CONFLICT (campaign_id, person_id)
DO UPDATE SET fire_at = EXCLUDED.fire_at, date = EXCLUDED.date, computation = EXCLUDED.computation
WHERE (date_fires.fire_at, date_fires.date, date_fires.computation)
   <> (EXCLUDED.fire_at, EXCLUDED.date, EXCLUDED.computation);

-- name: compute_dates
-- Of people $2 those who have a next date get it, in place of what was found before it was asked for. Whose date was found
-- since then got it from an input, which knows better; and what had come by then still comes.
WITH asked AS (
    SELECT dates_computation AS computation, dates_after AS after FROM campaigns WHERE id = $1
), outdated AS (
    DELETE FROM date_fires
    USING asked
    WHERE campaign_id = $1 AND person_id = ANY ($2::bigint[]) AND person_id <> ALL ($3::bigint[])
      AND date_fires.computation < asked.computation AND fire_at > asked.after
)
INSERT INTO date_fires (campaign_id, person_id, fire_at, date, computation)
SELECT $1, person_id, fire_at, date, computation
FROM unnest($3::bigint[], $4::timestamptz[], $5::date[]) AS rows (person_id, fire_at, date), asked
ON CONFLICT (campaign_id, person_id)
DO UPDATE SET fire_at = EXCLUDED.fire_at, date = EXCLUDED.date, computation = EXCLUDED.computation
WHERE date_fires.computation < EXCLUDED.computation AND date_fires.fire_at > (SELECT after FROM asked);

-- name: drop_outdated
WITH dropped AS (
    DELETE FROM date_fires
    WHERE campaign_id = $1 AND person_id IN (
        SELECT fires.person_id
        FROM date_fires AS fires
        JOIN campaigns ON campaigns.id = fires.campaign_id
        WHERE fires.campaign_id = $1 AND fires.computation < campaigns.dates_computation
          AND fires.fire_at > campaigns.dates_after
        LIMIT $2
    )
    RETURNING 1
)
SELECT count(*) FROM dropped;

-- name: drop_dates
-- Whom the computation has still to reach keeps a row that says "never", so that it finds nothing for them.
WITH rows AS MATERIALIZED (
    SELECT rows.campaign_id, rows.person_id, campaigns.dates_computation AS computation,
           rows.person_id > campaigns.dates_cursor AS is_awaited
    FROM unnest($1::bigint[], $2::bigint[]) AS rows (campaign_id, person_id)
    JOIN campaigns ON campaigns.id = rows.campaign_id
), dropped AS (
    DELETE FROM date_fires
    USING rows
    WHERE date_fires.campaign_id = rows.campaign_id AND date_fires.person_id = rows.person_id
      AND rows.is_awaited IS NOT true
)
INSERT INTO date_fires (campaign_id, person_id, fire_at, date, computation)
SELECT campaign_id, person_id, 'infinity', 'infinity', computation FROM rows WHERE is_awaited
ON CONFLICT (campaign_id, person_id)
DO UPDATE SET fire_at = EXCLUDED.fire_at, date = EXCLUDED.date, computation = EXCLUDED.computation;

-- name: due_dates
-- Whose dates have come, by index, oldest first. Whoever looks at them passes over what does not count any more.
SELECT fires.person_id
FROM date_fires AS fires
JOIN campaigns ON campaigns.id = fires.campaign_id
WHERE fires.fire_at <= $2 AND campaigns.workspace_id = $1
ORDER BY fires.fire_at
LIMIT $3;

-- name: keep_reentries
-- A match that waits for a build leaves an interval where it is: its end asks the same, and is not forgotten by an edit.
INSERT INTO reentries (campaign_id, person_id, due_at, kind, depth)
SELECT campaign_id, person_id, coalesce(due_at, 'infinity'), kind, depth
FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::text[], $5::smallint[])
     AS rows (campaign_id, person_id, due_at, kind, depth)
ON CONFLICT (campaign_id, person_id)
DO UPDATE SET due_at = EXCLUDED.due_at, kind = EXCLUDED.kind, depth = EXCLUDED.depth
WHERE NOT (reentries.kind = 'interval' AND EXCLUDED.kind = 'match');

-- name: add_reentries
INSERT INTO reentries (campaign_id, person_id, due_at, kind, depth)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::text[], $5::smallint[])
ON CONFLICT (campaign_id, person_id) DO NOTHING;

-- name: remember_inside
-- At the end of the interval, which asks for the end of the journey if that has not come; where the interval is over, at
-- the end of the journey.
INSERT INTO reentries (campaign_id, person_id, due_at, kind)
SELECT campaign_id, person_id, CASE WHEN last_entered_at + every > at THEN last_entered_at + every ELSE 'infinity' END,
       'interval'
FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::interval[]) AS rows (campaign_id, person_id, at, every)
JOIN entry_history USING (campaign_id, person_id)
ON CONFLICT (campaign_id, person_id) DO NOTHING;

-- name: drop_due_reentries
DELETE FROM reentries
USING unnest($1::bigint[], $2::bigint[]) AS rows (campaign_id, person_id)
WHERE reentries.campaign_id = rows.campaign_id AND reentries.person_id = rows.person_id AND reentries.due_at <= $3;

-- name: release_reentries
-- An interval that waits for the end of a journey is released by that.
UPDATE reentries SET due_at = $2
WHERE campaign_id = ANY ($1::bigint[]) AND due_at = 'infinity'
  AND NOT (kind = 'interval' AND EXISTS (
      SELECT FROM journeys
      WHERE person_id = reentries.person_id AND campaign_id = reentries.campaign_id AND state NOT IN ('finished', 'exited')
  ));

-- name: drop_postponed
DELETE FROM reentries WHERE campaign_id = $1 AND kind = 'match';

-- name: move_reentries
UPDATE reentries SET due_at = greatest(entry_history.last_entered_at + $2::interval, $3)
FROM entry_history
WHERE reentries.campaign_id = $1 AND reentries.kind = 'interval'
  AND reentries.due_at > $3 AND reentries.due_at < 'infinity'
  AND entry_history.campaign_id = reentries.campaign_id AND entry_history.person_id = reentries.person_id;

-- name: drop_intervals
-- An interval that was over before comes still, by the settings of then.
DELETE FROM reentries WHERE campaign_id = $1 AND kind = 'interval' AND due_at > $2;

-- name: drop_reentries_of
DELETE FROM reentries WHERE campaign_id = $1;

-- name: due_reentries
-- Whose intervals are over, by index, oldest first.
SELECT reentries.person_id
FROM reentries
JOIN campaigns ON campaigns.id = reentries.campaign_id
WHERE reentries.due_at <= $2 AND campaigns.workspace_id = $1
ORDER BY reentries.due_at
LIMIT $3;

-- name: recompute_dates
-- From now on the dates that lie after the instant and were found before are not seen, and the computation replaces them.
UPDATE campaigns
SET dates_cursor = 0, dates_after = $2, dates_computation = dates_computation + 1
WHERE id = $1;

-- name: to_compute
SELECT id FROM campaigns WHERE workspace_id = $1 AND dates_cursor IS NOT NULL ORDER BY id LIMIT 1;

-- name: date_progress
SELECT dates_cursor AS cursor, dates_after AS after FROM campaigns WHERE id = $1 AND dates_cursor IS NOT NULL;

-- name: advance_dates
-- "Never" has served its turn where the computation has been.
WITH dropped AS (
    DELETE FROM date_fires
    WHERE campaign_id = $1 AND fire_at = 'infinity'
      AND person_id > (SELECT dates_cursor FROM campaigns WHERE id = $1) AND ($2::bigint IS NULL OR person_id <= $2)
)
UPDATE campaigns SET dates_cursor = $2 WHERE id = $1;

-- name: next_due
SELECT least((SELECT min(fire_at) FROM date_fires WHERE fire_at < 'infinity'),
             (SELECT min(due_at) FROM reentries WHERE due_at < 'infinity'));
