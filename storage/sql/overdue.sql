-- name: of_people
-- What of these people was due by an instant, whatever it begins or ends; but no date that was found before a computation
-- which is still to reach it.
SELECT 'membership' AS kind, person_id, segment_id AS place, due_at, NULL::date AS date, 0 AS depth
FROM segment_rechecks WHERE person_id = ANY ($1::bigint[]) AND due_at <= $2
UNION ALL
SELECT 'date', person_id, campaign_id, fire_at, date, 0
FROM date_fires JOIN campaigns ON campaigns.id = campaign_id
WHERE person_id = ANY ($1::bigint[]) AND fire_at <= $2
  AND (computation = dates_computation OR fire_at <= dates_after)
UNION ALL
SELECT kind, person_id, campaign_id, due_at, NULL, depth
FROM reentries WHERE person_id = ANY ($1::bigint[]) AND due_at <= $2;
