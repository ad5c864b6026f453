-- name: end_journeys
-- Journeys outlive the person as records without personal data; the open ones are asked to end.
UPDATE journeys
SET trigger_data = '{}',
    ending = CASE WHEN state IN ('finished', 'exited') THEN ending ELSE 'person_deleted' END
WHERE person_id = ANY ($1::bigint[])
RETURNING campaign_id, person_id, occurrence, state NOT IN ('finished', 'exited') AS is_open;

-- name: clear_decisions
UPDATE decisions SET seen = '{}'
WHERE journey_id IN (SELECT id FROM journeys WHERE person_id = ANY ($1::bigint[]));

-- name: clear_deliveries
-- Deliveries stay, anonymised (behaviour 9.09). A failure may quote the address.
UPDATE deliveries
SET recipient = NULL, subject = NULL, content = NULL, failure = NULL
WHERE person_id = ANY ($1::bigint[]);

-- name: clear_refusals
UPDATE refusals SET seen = '{}' WHERE person_id = ANY ($1::bigint[]);

-- name: clear_rejects
-- Inputs that were put aside, about somebody or asking for their identifiers. Few, so they are looked through.
UPDATE inbox_rejects
SET payload = '{}', reason = split_part(reason, ':', 1)
WHERE workspace_id = $1
  AND (payload #>> '{who,id}' = ANY ($2::text[]) OR payload #>> '{attributes,id}' = ANY ($2::text[])
       OR lower(payload #>> '{who,email}') = ANY ($3::text[]) OR lower(payload #>> '{attributes,email}') = ANY ($3::text[])
       OR payload #>> '{who,cio_id}' = ANY ($4::text[]));

-- name: clear_failed_changes
-- Changes that asked for an identifier of somebody, by index: of nobody, or of another person.
UPDATE failed_changes
SET detail = '{}'
WHERE workspace_id = $1 AND (detail ->> 'id' = ANY ($2::text[]) OR lower(detail ->> 'email') = ANY ($3::text[]));
