-- name: lock
-- The people who own any of these identifiers, locked in the order of their ids: the order in which everybody locks.
SELECT id, cio_id, external_id, email, anonymous_id, attributes, attribute_times,
       created_at, first_event_at, identified_at, tallied
FROM people
WHERE id IN (
    SELECT id FROM people WHERE workspace_id = $1 AND external_id = ANY ($2::text[])
    UNION
    SELECT id FROM people WHERE workspace_id = $1 AND email_key = ANY ($3::text[])
    UNION
    SELECT id FROM people WHERE workspace_id = $1 AND cio_id = ANY ($4::text[])
    UNION
    SELECT id FROM people WHERE workspace_id = $1 AND anonymous_id = ANY ($5::text[])
)
ORDER BY id
FOR UPDATE;

-- name: lock_ids
-- People by our own ids, locked in the same order.
SELECT id, cio_id, external_id, email, anonymous_id, attributes, attribute_times,
       created_at, first_event_at, identified_at, tallied
FROM people
WHERE workspace_id = $1 AND id = ANY ($2::bigint[])
ORDER BY id
FOR UPDATE;

-- name: look
-- People by our own ids, for whoever only looks.
SELECT id, cio_id, external_id, email, anonymous_id, attributes, attribute_times,
       created_at, first_event_at, identified_at, tallied
FROM people
WHERE workspace_id = $1 AND id = ANY ($2::bigint[]);

-- name: lock_page
-- The next people of a workspace after an id, locked in the same order.
SELECT id, cio_id, external_id, email, anonymous_id, attributes, attribute_times,
       created_at, first_event_at, identified_at, tallied
FROM people
WHERE workspace_id = $1 AND id > $2
ORDER BY id
LIMIT $3
FOR UPDATE;

-- name: page
SELECT id, cio_id, external_id, email, anonymous_id, attributes, attribute_times,
       created_at, first_event_at, identified_at, tallied
FROM people
WHERE workspace_id = $1 AND id > $2
ORDER BY id
LIMIT $3;

-- name: add
-- People we did not know. The id given by us tells the caller which row is whose.
INSERT INTO people (workspace_id, cio_id, external_id, email, email_key, anonymous_id, attributes, attribute_times,
                    first_event_at, identified_at, tallied, created_at, updated_at)
SELECT $1, cio_id, external_id, email, email_key, anonymous_id, attributes, attribute_times,
       first_event_at, identified_at, tallied, created_at, $13
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[], $8::jsonb[], $9::timestamptz[],
            $10::timestamptz[], $11::bigint[], $12::timestamptz[])
     AS rows (cio_id, external_id, email, email_key, anonymous_id, attributes, attribute_times,
              first_event_at, identified_at, tallied, created_at)
RETURNING id, cio_id;

-- name: change
-- Identifiers that stay the same cost nothing: only new values of indexed columns reach the indexes.
UPDATE people
SET external_id = rows.external_id, email = rows.email, email_key = rows.email_key, anonymous_id = rows.anonymous_id,
    attributes = rows.attributes, attribute_times = rows.attribute_times, updated_at = $8
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::jsonb[])
     AS rows (id, external_id, email, email_key, anonymous_id, attributes, attribute_times)
WHERE people.id = rows.id;

-- name: note
UPDATE people
SET first_event_at = rows.first_event_at, identified_at = rows.identified_at, tallied = rows.tallied
FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::bigint[])
     AS rows (id, first_event_at, identified_at, tallied)
WHERE people.id = rows.id;

-- name: release_identifiers
-- Let go of identifiers that may be about to change hands: a unique index is checked row by row, so two people can only
-- swap by way of nothing.
UPDATE people SET external_id = NULL, email = NULL, email_key = NULL, anonymous_id = NULL WHERE id = ANY ($1::bigint[]);

-- name: remove
-- What hangs on a person by a foreign key (devices, filter retries, failed changes) goes with them.
WITH members AS (
    DELETE FROM segment_members WHERE person_id = ANY ($1::bigint[])
), rechecks AS (
    DELETE FROM segment_rechecks WHERE person_id = ANY ($1::bigint[])
), counts AS (
    DELETE FROM tallies WHERE person_id = ANY ($1::bigint[])
), dates AS (
    DELETE FROM date_fires WHERE person_id = ANY ($1::bigint[])
), again AS (
    DELETE FROM reentries WHERE person_id = ANY ($1::bigint[])
)
DELETE FROM people WHERE id = ANY ($1::bigint[]);

-- name: add_failed_changes
INSERT INTO failed_changes (workspace_id, person_id, at, reason, detail, email_key)
SELECT $1, person_id, at, reason, detail, email_key
FROM unnest($2::bigint[], $3::timestamptz[], $4::text[], $5::jsonb[], $6::text[])
     AS rows (person_id, at, reason, detail, email_key);
