-- name: add
INSERT INTO filter_retries (id, workspace_id, campaign_id, person_id, occurrence, event_id, event_name, event_at,
                            trigger_data, depth, received_at, expires_at, is_over)
SELECT id, $1, campaign_id, person_id, occurrence, event_id, event_name, event_at,
       trigger_data, depth, received_at, expires_at, is_over
FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::text[], $8::timestamptz[],
            $9::jsonb[], $10::smallint[], $11::timestamptz[], $12::timestamptz[], $13::boolean[])
     AS rows (id, campaign_id, person_id, occurrence, event_id, event_name, event_at,
              trigger_data, depth, received_at, expires_at, is_over);

-- name: of_people
-- What waits for its filters, oldest event first. Nobody ends the waiting by hand until our transaction has decided it.
SELECT id, campaign_id, person_id, entered_as, occurrence, event_id, event_name, event_at, trigger_data, depth,
       received_at, expires_at, is_over
FROM filter_retries
WHERE person_id = ANY ($1::bigint[])
ORDER BY id
FOR UPDATE;

-- name: owner
SELECT workspace_id, person_id FROM filter_retries WHERE id = $1;

-- name: people_waiting_for
-- Whose events wait for the filters of these campaigns.
SELECT DISTINCT person_id FROM filter_retries WHERE campaign_id = ANY ($1::bigint[]);

-- name: overtake
UPDATE filter_retries SET is_over = true WHERE id = ANY ($1::bigint[]);

-- name: overtake_campaign
UPDATE filter_retries SET is_over = true WHERE campaign_id = $1 AND expires_at < $2 AND NOT is_over;

-- name: move
-- Another person's from now on. The workflow keeps the name of whose it was.
UPDATE filter_retries SET person_id = $2, entered_as = coalesce(entered_as, person_id) WHERE id = ANY ($1::bigint[]);

-- name: remove
DELETE FROM filter_retries WHERE id = ANY ($1::bigint[]);
