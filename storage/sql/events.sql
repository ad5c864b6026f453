-- name: reserve_ids
-- Ids for events that did not come through the inbox. They come from its sequence, so that all ids are one order.
SELECT nextval('inbox_id_seq') AS id FROM generate_series(1, $1);

-- name: claim_keys
-- Two events with the same client-supplied id count once (behaviour 1.40): return the keys that are seen for the first time.
INSERT INTO event_keys (workspace_id, key, received_at)
SELECT $1, key, $3 FROM unnest($2::text[]) AS rows (key) ORDER BY key
ON CONFLICT DO NOTHING
RETURNING key;

-- name: add
INSERT INTO events (id, workspace_id, person_id, anonymous_id, kind, name, data, depth, occurred_at, received_at)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::jsonb[],
                     $8::smallint[], $9::timestamptz[], $10::timestamptz[]);

-- name: remove_of_people
DELETE FROM events WHERE person_id = ANY ($1::bigint[]);
