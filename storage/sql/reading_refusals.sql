-- The owner is compared together with the instant so that only the index on both answers; see reading_journeys.sql.

-- name: of_campaign
-- Who triggered a campaign and did not enter, latest first.
SELECT r.campaign_id, c.key AS campaign_key, c.name AS campaign_name, r.person_id, p.external_id, p.email, p.cio_id,
       r.occurrence, r.at, r.reason, r.seen
FROM refusals AS r
JOIN campaigns AS c ON c.id = r.campaign_id
LEFT JOIN people AS p ON p.id = r.person_id
WHERE (r.campaign_id, r.at, r.person_id, r.occurrence) < ($1, $2, $3, $4) AND r.campaign_id >= $1
ORDER BY r.campaign_id DESC, r.at DESC, r.person_id DESC, r.occurrence DESC
LIMIT $5;

-- name: of_person
-- What a person triggered without entering, latest first.
SELECT r.campaign_id, c.key AS campaign_key, c.name AS campaign_name, r.person_id, p.external_id, p.email, p.cio_id,
       r.occurrence, r.at, r.reason, r.seen
FROM refusals AS r
JOIN campaigns AS c ON c.id = r.campaign_id
LEFT JOIN people AS p ON p.id = r.person_id
WHERE (r.person_id, r.at, r.campaign_id, r.occurrence) < ($1, $2, $3, $4) AND r.person_id >= $1
ORDER BY r.person_id DESC, r.at DESC, r.campaign_id DESC, r.occurrence DESC
LIMIT $5;

-- name: of_person_in
-- What a person triggered in one campaign without entering, latest first.
SELECT r.campaign_id, c.key AS campaign_key, c.name AS campaign_name, r.person_id, p.external_id, p.email, p.cio_id,
       r.occurrence, r.at, r.reason, r.seen
FROM refusals AS r
JOIN campaigns AS c ON c.id = r.campaign_id
LEFT JOIN people AS p ON p.id = r.person_id
WHERE r.campaign_id = $1 AND r.person_id = $2
ORDER BY r.at DESC, r.occurrence DESC
LIMIT $3;

-- name: of_retry
-- What became of an event that waited for its filters, under the id that it had.
SELECT r.campaign_id, c.key AS campaign_key, c.name AS campaign_name, r.person_id, p.external_id, p.email, p.cio_id,
       r.occurrence, r.at, r.reason, r.seen
FROM refusals AS r
JOIN campaigns AS c ON c.id = r.campaign_id
LEFT JOIN people AS p ON p.id = r.person_id
WHERE r.retry_id = $2 AND r.workspace_id = $1;
