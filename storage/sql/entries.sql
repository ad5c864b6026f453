-- name: claim
-- Who may enter, decided by unique rows: a first entry takes the row, a later one moves it if the last one lies far
-- enough back. Both are atomic, so of two simultaneous events under a limit one enters (behaviour 2.25). Asked at most
-- once per campaign and person in one call. `last_entered_at` is as it was before.
WITH asked AS (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::boolean[], $5::timestamptz[], $6::integer[])
             WITH ORDINALITY AS rows (campaign_id, person_id, at, is_limited, allowed_until, entries, place)
), first AS (
    INSERT INTO entry_history (campaign_id, person_id, first_entered_at, last_entered_at, entries)
    SELECT campaign_id, person_id, at, at, entries FROM asked ORDER BY campaign_id, person_id
    ON CONFLICT DO NOTHING
    RETURNING campaign_id, person_id
), again AS (
    UPDATE entry_history AS history
    SET last_entered_at = greatest(history.last_entered_at, asked.at), entries = history.entries + asked.entries
    FROM asked
    WHERE history.campaign_id = asked.campaign_id AND history.person_id = asked.person_id
      AND (NOT asked.is_limited OR history.last_entered_at <= asked.allowed_until)
    RETURNING history.campaign_id, history.person_id
)
SELECT coalesce(first.person_id, again.person_id) IS NOT NULL AS is_entered, history.last_entered_at
FROM asked
LEFT JOIN first USING (campaign_id, person_id)
LEFT JOIN again USING (campaign_id, person_id)
LEFT JOIN entry_history AS history USING (campaign_id, person_id)
ORDER BY asked.place;

-- name: reserve_ids
SELECT nextval('journey_ids') AS id FROM generate_series(1, $1);

-- name: add_journeys
-- Journeys together with the log of their first decision.
WITH journeys_added AS (
    INSERT INTO journeys (id, workspace_id, campaign_id, person_id, occurrence, event_id, event_name, event_at,
                          trigger_data, state, exit_reason, version, block, arrived_at, due_at, turn, move,
                          started_at, ended_at)
    SELECT id, $1, campaign_id, person_id, occurrence, event_id, event_name, event_at,
           trigger_data, state, exit_reason, version, block, arrived_at, due_at, 1, move,
           started_at, ended_at
    FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::text[], $8::timestamptz[],
                $9::jsonb[], $10::text[], $11::text[], $12::integer[], $13::text[], $14::timestamptz[],
                $15::timestamptz[], $16::jsonb[], $17::timestamptz[], $18::timestamptz[])
         AS rows (id, campaign_id, person_id, occurrence, event_id, event_name, event_at,
                  trigger_data, state, exit_reason, version, block, arrived_at,
                  due_at, move, started_at, ended_at)
)
INSERT INTO decisions (journey_id, turn, place, at, kind, block, text, seen)
SELECT journey_id, 1, place, at, kind, block, text, seen
FROM unnest($19::bigint[], $20::integer[], $21::timestamptz[], $22::text[], $23::text[], $24::text[], $25::jsonb[])
     AS rows (journey_id, place, at, kind, block, text, seen);

-- name: refuse
INSERT INTO refusals (campaign_id, person_id, occurrence, workspace_id, at, reason, seen)
SELECT campaign_id, person_id, occurrence, $1, at, reason, seen
FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::timestamptz[], $6::text[], $7::jsonb[])
     AS rows (campaign_id, person_id, occurrence, at, reason, seen)
ON CONFLICT DO NOTHING;
