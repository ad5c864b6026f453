-- name: look
-- Everything that a decision about one journey looks at, and the delivery of a message: of the one it stands at, unless
-- another is asked for. One that was begun before its message was in an A/B test is the original's.
SELECT j.id, j.workspace_id, j.campaign_id, j.person_id, j.occurrence, j.event_id, j.event_name, j.event_at, j.trigger_data,
       j.state, j.version, j.block, j.arrived_at, j.due_at, j.turn, j.move, j.ending, j.exit_reason, j.depth, j.started_at,
       j.begun_at, j.unmatched_at, j.unmatched_wait, j.last_wait, j.filters_met_at IS NOT NULL AS filters_met,
       c.state AS campaign_state, c.stopped_at AS campaign_stopped_at, c.latest_version,
       p.id IS NOT NULL OR j.person_id = 0 AS person_exists, p.cio_id, p.external_id, p.email, p.attributes,
       ARRAY(SELECT s.key FROM segment_members AS m JOIN segments AS s ON s.id = m.segment_id
             WHERE m.person_id = j.person_id) AS segments,
       ARRAY(SELECT s.key FROM segments AS s WHERE s.workspace_id = j.workspace_id AND s.state = 'building') AS building,
       d.id AS delivery_id, d.public_id, d.state AS delivery_state, d.attempts, d.created_at AS delivery_created_at,
       CASE WHEN d.id IS NOT NULL THEN coalesce(d.arm, 'original') END AS arm
FROM journeys AS j
JOIN campaigns AS c ON c.id = j.campaign_id
LEFT JOIN people AS p ON p.id = j.person_id
LEFT JOIN deliveries AS d ON d.key = coalesce($2, j.id || ':' || j.block || ':1')  -- engine/ids.py: delivery_key
WHERE j.id = $1;

-- name: hold
-- The same, for whoever is going to decide: nobody else decides about this journey, and the campaign is neither stopped
-- nor drained, until the transaction ends. So a stop that is committed is a stop: nothing is claimed after it.
SELECT j.id, j.workspace_id, j.campaign_id, j.person_id, j.occurrence, j.event_id, j.event_name, j.event_at, j.trigger_data,
       j.state, j.version, j.block, j.arrived_at, j.due_at, j.turn, j.move, j.ending, j.exit_reason, j.depth, j.started_at,
       j.begun_at, j.unmatched_at, j.unmatched_wait, j.last_wait, j.filters_met_at IS NOT NULL AS filters_met,
       c.state AS campaign_state, c.stopped_at AS campaign_stopped_at, c.latest_version,
       p.id IS NOT NULL OR j.person_id = 0 AS person_exists, p.cio_id, p.external_id, p.email, p.attributes,
       ARRAY(SELECT s.key FROM segment_members AS m JOIN segments AS s ON s.id = m.segment_id
             WHERE m.person_id = j.person_id) AS segments,
       ARRAY(SELECT s.key FROM segments AS s WHERE s.workspace_id = j.workspace_id AND s.state = 'building') AS building,
       d.id AS delivery_id, d.public_id, d.state AS delivery_state, d.attempts, d.created_at AS delivery_created_at,
       CASE WHEN d.id IS NOT NULL THEN coalesce(d.arm, 'original') END AS arm
FROM journeys AS j
JOIN campaigns AS c ON c.id = j.campaign_id
LEFT JOIN people AS p ON p.id = j.person_id
LEFT JOIN deliveries AS d ON d.key = coalesce($2, j.id || ':' || j.block || ':1')  -- engine/ids.py: delivery_key
WHERE j.id = $1
FOR UPDATE OF j FOR SHARE OF c;

-- name: decide
-- One decision: where the journey stands from now on, and its log. A journey that ends lets nothing of its own go any more
-- (behaviour 13.06); a hand-over that was cut off stays what it is, unknown, and a webhook that is tried again by itself goes
-- on unless the end was ordered. And whoever was to enter again as soon as it ends is due now (2.05).
WITH moved AS (
    UPDATE journeys
    SET turn = $2, move = $3, state = $4, exit_reason = $5, version = $6, block = $7, arrived_at = $8, due_at = $9,
        ended_at = CASE WHEN $4 IN ('finished', 'exited') THEN $10::timestamptz END,
        last_wait = coalesce($15, last_wait), unmatched_wait = coalesce($16, unmatched_wait),
        filters_met_at = CASE WHEN $17 THEN coalesce(filters_met_at, $10) ELSE filters_met_at END,
        begun_at = CASE WHEN $18 THEN $10 ELSE begun_at END
    WHERE id = $1
    RETURNING campaign_id, person_id
), released AS (
    UPDATE reentries
    SET due_at = $10
    FROM moved
    WHERE $4 IN ('finished', 'exited')
      AND reentries.campaign_id = moved.campaign_id AND reentries.person_id = moved.person_id
      AND reentries.kind = 'interval' AND reentries.due_at = 'infinity'
    RETURNING reentries.campaign_id
), logged AS (
    INSERT INTO decisions (journey_id, turn, place, at, kind, block, text, seen)
    SELECT $1, $2, place, $10, kind, block, text, seen
    FROM unnest($11::text[], $12::text[], $13::text[], $14::jsonb[]) WITH ORDINALITY AS rows (kind, block, text, seen, place)
), cancelled AS (
    UPDATE deliveries
    SET state = CASE state WHEN 'handing_over' THEN 'unknown' ELSE 'undeliverable' END,
        failure = coalesce(failure, 'The journey ended before it was sent.'),
        times = jsonb_build_object(CASE state WHEN 'handing_over' THEN 'unknown' ELSE 'undeliverable' END, $10) || times,
        updated_at = $10
    WHERE $4 = 'exited' AND journey_id = $1 AND state IN ('queued', 'attempted', 'handing_over')
      AND (state <> 'attempted' OR channel <> 'webhook' OR $5 NOT IN ('goal', 'stopped_matching'))
)
SELECT pg_notify('sojourn_inbox', '') FROM released;

-- name: lock
SELECT FROM journeys WHERE id = $1 FOR UPDATE;

-- name: append
-- Lines of the log that no decision made, behind the latest one of a journey that the caller holds.
WITH latest AS (
    SELECT j.id, j.turn, coalesce(max(d.place), 0) AS place
    FROM journeys AS j
    LEFT JOIN decisions AS d ON d.journey_id = j.id AND d.turn = j.turn
    WHERE j.id = $1
    GROUP BY j.id
)
INSERT INTO decisions (journey_id, turn, place, at, kind, block, text, seen)
SELECT latest.id, latest.turn, latest.place + rows.place, $2, kind, block, text, seen
FROM latest, unnest($3::text[], $4::text[], $5::text[], $6::jsonb[]) WITH ORDINALITY AS rows (kind, block, text, seen, place);

-- name: document
-- One version of a campaign, which never changes.
SELECT document FROM campaign_versions WHERE campaign_id = $1 AND version = $2;

-- name: events_since
-- Events of one kind and name that a person performed after the trigger event, oldest first, some at a time. The bound on
-- receipt only spares older partitions: a later id was received later, and clocks do not differ by a day.
SELECT id, data
FROM events
WHERE person_id = $1 AND kind = $2 AND name = $3 AND id > $4 AND occurred_at >= $5 AND received_at >= $5 - INTERVAL '1 day'
ORDER BY id
LIMIT $6;

-- name: open_journeys
-- Journeys that have not ended, and events that wait for their filters, by keyset: what must be in Temporal.
SELECT open.*, c.key AS campaign_key, c.name AS campaign_name
FROM ((SELECT id, workspace_id, campaign_id, person_id, coalesce(entered_as, person_id) AS entrant, occurrence, turn, move,
              ending
       FROM journeys
       WHERE id > $1 AND state NOT IN ('finished', 'exited')
       ORDER BY id LIMIT $2)
      UNION ALL
      (SELECT id, workspace_id, campaign_id, person_id, coalesce(entered_as, person_id), occurrence, 0,
              jsonb_build_object('kind', 'wait', 'turn', 0, 'until', expires_at,
                                 'text', 'Waits for the filters to match'), NULL
       FROM filter_retries
       WHERE id > $1
       ORDER BY id LIMIT $2)) AS open
JOIN campaigns AS c ON c.id = open.campaign_id
ORDER BY open.id
LIMIT $2;

-- name: overdue
-- Journeys whose wait should have ended before an instant, by index, by keyset (due_at, id).
SELECT j.id, j.workspace_id, j.campaign_id, j.person_id, coalesce(j.entered_as, j.person_id) AS entrant, j.occurrence,
       j.turn, j.move, j.ending, j.due_at, c.key AS campaign_key, c.name AS campaign_name
FROM journeys AS j
JOIN campaigns AS c ON c.id = j.campaign_id
WHERE j.due_at < $1 AND j.state NOT IN ('finished', 'exited') AND (j.due_at, j.id) > ($2, $3)
ORDER BY j.due_at, j.id
LIMIT $4;

-- name: stuck
-- What should have gone on before an instant and did not, by keyset: journeys that stand at a message or a data block,
-- which are those without a due instant, if nothing was tried with their messages since either; and events whose filters
-- had their time. Both are few, and put in order only after they are found by index: by id they would be searched for
-- among all journeys.
WITH standing AS MATERIALIZED (
    SELECT id, workspace_id, campaign_id, person_id, coalesce(entered_as, person_id) AS entrant, occurrence, turn, move,
           ending
    FROM journeys AS j
    WHERE due_at IS NULL AND state NOT IN ('finished', 'exited') AND coalesce(arrived_at, started_at) < $1 AND id > $2
      AND NOT EXISTS (SELECT FROM deliveries WHERE journey_id = j.id AND updated_at >= $1)
), expired AS MATERIALIZED (
    SELECT id, workspace_id, campaign_id, person_id, coalesce(entered_as, person_id), occurrence, 0,
           jsonb_build_object('kind', 'wait', 'turn', 0, 'until', expires_at, 'text', 'Waits for the filters to match'),
           NULL::text
    FROM filter_retries
    WHERE expires_at < $1 AND id > $2
), stuck AS (
    TABLE standing UNION ALL TABLE expired ORDER BY id LIMIT $3
)
SELECT stuck.*, c.key AS campaign_key, c.name AS campaign_name
FROM stuck
JOIN campaigns AS c ON c.id = stuck.campaign_id
ORDER BY stuck.id;

-- name: retry_expiry
-- Until when an event waits for its filters; nothing once that is decided.
SELECT expires_at FROM filter_retries WHERE id = $1;
