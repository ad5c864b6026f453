-- name: claim
-- Who may enter, decided by unique rows: a first entry takes the row, a later one moves it if the last one lies far
-- enough back, and if they have stopped matching since where that is asked (13.09). Both are atomic, so of two
-- simultaneous events under a limit one enters (behaviour 2.25). Asked at most once per campaign and person in one call.
-- `last_entered_at` is as it was before.
WITH asked AS (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::boolean[], $5::timestamptz[], $6::integer[],
                         $7::boolean[])
             WITH ORDINALITY AS rows (campaign_id, person_id, at, is_limited, allowed_until, entries, is_rematch, place)
), first AS (
    INSERT INTO entry_history (campaign_id, person_id, first_entered_at, last_entered_at, entries)
    SELECT campaign_id, person_id, at, at, entries FROM asked ORDER BY campaign_id, person_id
    ON CONFLICT DO NOTHING
    RETURNING campaign_id, person_id
), again AS (
    UPDATE entry_history AS history
    SET last_entered_at = greatest(history.last_entered_at, asked.at), entries = history.entries + asked.entries,
        has_stopped = false
    FROM asked
    WHERE history.campaign_id = asked.campaign_id AND history.person_id = asked.person_id
      AND (NOT asked.is_limited OR history.last_entered_at <= asked.allowed_until)
      AND (NOT asked.is_rematch OR history.has_stopped)
    RETURNING history.campaign_id, history.person_id
)
SELECT coalesce(first.person_id, again.person_id) IS NOT NULL AS is_entered, history.last_entered_at
FROM asked
LEFT JOIN first USING (campaign_id, person_id)
LEFT JOIN again USING (campaign_id, person_id)
LEFT JOIN entry_history AS history USING (campaign_id, person_id)
ORDER BY asked.place;

-- name: open_among
-- Who is inside; whoever a stop has forced out is not, told yet or not. Held until our transaction ends: a journey that
-- ends meanwhile lets the person enter again, and has to see what we write about that (behaviour 2.05).
SELECT asked.campaign_id, asked.person_id
FROM unnest($1::bigint[], $2::bigint[]) AS asked (campaign_id, person_id)
JOIN journeys ON journeys.campaign_id = asked.campaign_id AND journeys.person_id = asked.person_id
             AND journeys.state NOT IN ('finished', 'exited')
JOIN campaigns ON campaigns.id = journeys.campaign_id
              AND (campaigns.stopped_at IS NULL OR journeys.started_at > campaigns.stopped_at)
FOR UPDATE OF journeys;

-- name: stop_matching
-- Who entered and does not match any more, so that a restart takes them in if they do again (behaviour 13.09).
UPDATE entry_history SET has_stopped = true
FROM unnest($1::bigint[], $2::bigint[]) AS rows (campaign_id, person_id)
WHERE entry_history.campaign_id = rows.campaign_id AND entry_history.person_id = rows.person_id AND NOT has_stopped;

-- name: forget_stops
UPDATE entry_history SET has_stopped = false WHERE campaign_id = $1 AND has_stopped;

-- name: known_among
-- What has its journey already, their own or that of somebody who was merged into them, or waits for its filters.
SELECT asked.campaign_id, asked.person_id, asked.occurrence
FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS asked (campaign_id, person_id, occurrence)
WHERE EXISTS (
    SELECT FROM journeys AS j
    WHERE j.campaign_id = asked.campaign_id AND coalesce(j.entered_as, j.person_id) = asked.person_id
      AND j.occurrence = asked.occurrence
) OR EXISTS (
    SELECT FROM journeys AS j
    WHERE j.campaign_id = asked.campaign_id AND j.person_id = asked.person_id AND j.occurrence = asked.occurrence
) OR EXISTS (
    SELECT FROM filter_retries AS r
    WHERE r.campaign_id = asked.campaign_id AND r.person_id = asked.person_id AND r.occurrence = asked.occurrence
);

-- name: refused_among
SELECT campaign_id, person_id, occurrence
FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS asked (campaign_id, person_id, occurrence)
JOIN refusals USING (campaign_id, person_id, occurrence);

-- name: forget_refusals
-- Some of the oldest from before an instant, by index. Whatever somebody else is at work on is left to them, or to later.
WITH gone AS (
    DELETE FROM refusals
    WHERE ctid = ANY (ARRAY(SELECT ctid FROM refusals WHERE at < $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED))
    RETURNING 1
)
SELECT count(*) FROM gone;

-- name: reserve_ids
SELECT nextval('journey_ids') AS id FROM generate_series(1, $1);

-- name: add_journeys
-- Journeys together with the log of their first decision.
WITH journeys_added AS (
    INSERT INTO journeys (id, workspace_id, campaign_id, person_id, occurrence, event_id, event_name, event_at,
                          trigger_data, depth, unmatched_at, filters_met_at, state, exit_reason, version, block,
                          arrived_at, due_at, turn, move, started_at, ended_at, entered_as)
    SELECT id, $1, campaign_id, person_id, occurrence, event_id, event_name, event_at,
           trigger_data::jsonb, depth, unmatched_at, filters_met_at, state, exit_reason, version, block,
           arrived_at, due_at, 1, move, started_at, ended_at, entered_as
    FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::text[], $8::timestamptz[],
                $9::text[], $10::smallint[], $11::timestamptz[], $12::timestamptz[], $13::text[], $14::text[],
                $15::integer[], $16::text[], $17::timestamptz[], $18::timestamptz[], $19::jsonb[], $20::timestamptz[],
                $21::timestamptz[], $22::bigint[])
         AS rows (id, campaign_id, person_id, occurrence, event_id, event_name, event_at,
                  trigger_data, depth, unmatched_at, filters_met_at, state, exit_reason, version, block,
                  arrived_at, due_at, move, started_at, ended_at, entered_as)
)
INSERT INTO decisions (journey_id, turn, place, at, kind, block, text, seen)
SELECT journey_id, 1, place, at, kind, block, text, seen
FROM unnest($23::bigint[], $24::integer[], $25::timestamptz[], $26::text[], $27::text[], $28::text[], $29::jsonb[])
     AS rows (journey_id, place, at, kind, block, text, seen);

-- name: refuse
-- What waited for its filters, and is removed after this, leaves the id under which it was shown.
INSERT INTO refusals (campaign_id, person_id, occurrence, workspace_id, at, reason, seen, retry_id)
SELECT campaign_id, person_id, occurrence, $1, rows.at, rows.reason, rows.seen, retries.id
FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::timestamptz[], $6::text[], $7::jsonb[])
     AS rows (campaign_id, person_id, occurrence, at, reason, seen)
LEFT JOIN filter_retries AS retries USING (campaign_id, person_id, occurrence)
ON CONFLICT DO NOTHING;
