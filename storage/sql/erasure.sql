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
