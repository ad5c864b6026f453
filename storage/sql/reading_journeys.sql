-- Lists first find ids and then read the rows of those ids, so that every list shows the same things. An event that
-- still waits for its filters has its journey's future id, and is listed like one.
--
-- `(campaign_id, id) < ($1, $2) AND campaign_id >= $1` says `campaign_id = $1 AND id < $2` in a way that only the index
-- on both can answer in order. Said plainly, the planner may walk all journeys backwards by id, hoping to meet this
-- campaign's soon: for a campaign whose people came long ago it never does.

-- name: of_campaign
WITH looked AS (
    SELECT id, state
    FROM (
        (
            SELECT id, state FROM journeys
            WHERE (campaign_id, id) < ($1, $2) AND campaign_id >= $1
            ORDER BY campaign_id DESC, id DESC LIMIT $5
        )
        UNION ALL
        (
            SELECT id, 'waiting_for_filters' FROM filter_retries
            WHERE (campaign_id, id) < ($1, $2) AND campaign_id >= $1
            ORDER BY campaign_id DESC, id DESC LIMIT $5
        )
    ) AS both_kinds
    ORDER BY id DESC
    LIMIT $5
)
SELECT array(SELECT id FROM looked WHERE $3::text IS NULL OR state = $3 ORDER BY id DESC LIMIT $4) AS ids,
       count(*) AS looked, min(id) AS last
FROM looked;

-- name: open_of_campaign
-- Who is inside: from the index of open journeys, however many have ended.
WITH looked AS (
    SELECT id, state FROM journeys
    WHERE (campaign_id, id) < ($1, $2) AND campaign_id >= $1 AND state NOT IN ('finished', 'exited')
    ORDER BY campaign_id DESC, id DESC
    LIMIT $5
)
SELECT array(SELECT id FROM looked WHERE $3 = 'open' OR state = $3 ORDER BY id DESC LIMIT $4) AS ids,
       count(*) AS looked, min(id) AS last
FROM looked;

-- name: waiting_of_campaign
-- Who waits for filters: a few minutes of events at most.
WITH looked AS (
    SELECT id FROM filter_retries
    WHERE (campaign_id, id) < ($1, $2) AND campaign_id >= $1
    ORDER BY campaign_id DESC, id DESC LIMIT $5
)
SELECT array(SELECT id FROM looked ORDER BY id DESC LIMIT $4) AS ids, count(*) AS looked, min(id) AS last
FROM looked
WHERE $3 = 'waiting_for_filters';

-- name: of_person
-- `open` is every state that is not an end.
WITH looked AS (
    SELECT id, state
    FROM (
        (
            SELECT id, state FROM journeys
            WHERE (person_id, id) < ($1, $2) AND person_id >= $1
            ORDER BY person_id DESC, id DESC LIMIT $5
        )
        UNION ALL
        (
            SELECT id, 'waiting_for_filters' FROM filter_retries
            WHERE (person_id, id) < ($1, $2) AND person_id >= $1
            ORDER BY person_id DESC, id DESC LIMIT $5
        )
    ) AS both_kinds
    ORDER BY id DESC
    LIMIT $5
)
SELECT array(
           SELECT id FROM looked
           WHERE $3::text IS NULL
              OR state = $3
              OR $3 = 'open' AND state NOT IN ('finished', 'exited', 'waiting_for_filters')
           ORDER BY id DESC
           LIMIT $4
       ) AS ids,
       count(*) AS looked, min(id) AS last
FROM looked;

-- name: rows
SELECT j.id, j.campaign_id, c.key AS campaign_key, c.name AS campaign_name, j.person_id,
       coalesce(j.entered_as, j.person_id) AS entrant, p.external_id, p.email, p.cio_id,
       j.occurrence, j.state, j.exit_reason, j.ending, j.version, j.block, j.arrived_at, j.due_at,
       CASE WHEN j.ended_at IS NULL THEN j.move ->> 'text' END AS standing,
       j.event_id, j.event_name, j.event_at, j.trigger_data, j.started_at, j.ended_at
FROM journeys AS j
JOIN campaigns AS c ON c.id = j.campaign_id
LEFT JOIN people AS p ON p.id = j.person_id
WHERE j.id = ANY ($2::bigint[]) AND j.workspace_id = $1
UNION ALL
SELECT r.id, r.campaign_id, c.key, c.name, r.person_id, coalesce(r.entered_as, r.person_id), p.external_id, p.email, p.cio_id,
       r.occurrence, 'waiting_for_filters', NULL, NULL, c.latest_version, NULL, r.received_at, r.expires_at,
       NULL,
       r.event_id, r.event_name, r.event_at, r.trigger_data, r.received_at, NULL
FROM filter_retries AS r
JOIN campaigns AS c ON c.id = r.campaign_id
LEFT JOIN people AS p ON p.id = r.person_id
WHERE r.id = ANY ($2::bigint[]) AND r.workspace_id = $1
ORDER BY id DESC;

-- name: decisions
-- What was decided, in order, with what was seen.
SELECT turn, place, at, kind, block, text, seen
FROM decisions
WHERE journey_id = $1 AND (turn, place) > ($2, $3)
ORDER BY turn, place
LIMIT $4;

-- name: of_person_in
-- The latest of one person in one campaign, by the index of the person's.
SELECT id
FROM (
    SELECT id FROM journeys WHERE person_id = $1 AND campaign_id = $2
    UNION ALL
    SELECT id FROM filter_retries WHERE person_id = $1 AND campaign_id = $2
) AS both_kinds
ORDER BY id DESC
LIMIT $3;
