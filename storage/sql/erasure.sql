-- name: end_journeys
-- Journeys outlive the person as records without personal data; the open ones are asked to end.
UPDATE journeys
SET trigger_data = '{}',
    ending = CASE WHEN state IN ('finished', 'exited') THEN ending ELSE 'person_deleted' END
WHERE person_id = ANY ($1::bigint[])
RETURNING campaign_id, coalesce(entered_as, person_id) AS entrant, occurrence, state NOT IN ('finished', 'exited') AS is_open;

-- name: clear_decisions
UPDATE decisions SET seen = '{}'
WHERE journey_id IN (SELECT id FROM journeys WHERE person_id = ANY ($1::bigint[]));

-- name: clear_deliveries
-- Deliveries stay, anonymised (behaviour 9.09). A failure may quote the address.
UPDATE deliveries
SET recipient = NULL, subject = NULL, content = NULL, failure = NULL
WHERE person_id = ANY ($1::bigint[]);

-- name: forget_clicks
-- Addresses of links may say whose they are. Asked when the deliveries are cleared: a click looks there (tracking.sql).
DELETE FROM clicked_links
WHERE delivery_id IN (SELECT id FROM deliveries WHERE person_id = ANY ($1::bigint[]));

-- name: clear_refusals
UPDATE refusals SET seen = '{}' WHERE person_id = ANY ($1::bigint[]);

-- name: rejected_emails
-- Emails in inputs that were put aside. Few, so they are looked through.
SELECT id, emails
FROM (
    SELECT id,
           array_remove(ARRAY[payload #>> '{who,email}', payload #>> '{attributes,email}', payload #>> '{primary,email}',
                              payload #>> '{secondary,email}'], NULL)
           || ARRAY(SELECT jsonb_array_elements_text(payload -> 'ids') WHERE payload ->> 'by' = 'email') AS emails
    FROM inbox_rejects
    WHERE workspace_id = $1
) AS rejects
WHERE emails <> '{}';

-- name: clear_rejects
-- Inputs that were put aside, about somebody or asking for their identifiers.
UPDATE inbox_rejects
SET payload = '{}', reason = split_part(reason, ':', 1)
WHERE workspace_id = $1
  AND (payload #>> '{who,id}' = ANY ($2::text[]) OR payload #>> '{attributes,id}' = ANY ($2::text[])
       OR payload #>> '{who,cio_id}' = ANY ($3::text[])
       OR payload #>> '{primary,id}' = ANY ($2::text[]) OR payload #>> '{secondary,id}' = ANY ($2::text[])
       OR payload #>> '{primary,cio_id}' = ANY ($3::text[]) OR payload #>> '{secondary,cio_id}' = ANY ($3::text[])
       OR payload -> 'ids' ?| CASE payload ->> 'by' WHEN 'id' THEN $2::text[] WHEN 'cio_id' THEN $3::text[] END
       OR id = ANY ($4::bigint[]));

-- name: clear_failed_changes
-- Changes that asked for an identifier of somebody, by index: of nobody, or of another person.
UPDATE failed_changes
SET detail = '{}', email_key = NULL
WHERE workspace_id = $1 AND (detail ->> 'id' = ANY ($2::text[]) OR email_key = ANY ($3::text[]));
