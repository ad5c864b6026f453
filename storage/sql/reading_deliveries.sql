-- The owner is compared together with the id so that only the index on both answers; see reading_journeys.sql.

-- name: of_workspace
WITH looked AS (
    SELECT id, state FROM deliveries
    WHERE (workspace_id, id) < ($1, $2) AND workspace_id >= $1
    ORDER BY workspace_id DESC, id DESC LIMIT $5
)
SELECT array(SELECT id FROM looked WHERE $3::text IS NULL OR state = $3 ORDER BY id DESC LIMIT $4) AS ids,
       count(*) AS looked, min(id) AS last
FROM looked;

-- name: of_campaign
WITH looked AS (
    SELECT id, state FROM deliveries
    WHERE (campaign_id, id) < ($1, $2) AND campaign_id >= $1
    ORDER BY campaign_id DESC, id DESC LIMIT $5
)
SELECT array(SELECT id FROM looked WHERE $3::text IS NULL OR state = $3 ORDER BY id DESC LIMIT $4) AS ids,
       count(*) AS looked, min(id) AS last
FROM looked;

-- name: of_person
WITH looked AS (
    SELECT id, state FROM deliveries
    WHERE (person_id, id) < ($1, $2) AND person_id >= $1
    ORDER BY person_id DESC, id DESC LIMIT $5
)
SELECT array(SELECT id FROM looked WHERE $3::text IS NULL OR state = $3 ORDER BY id DESC LIMIT $4) AS ids,
       count(*) AS looked, min(id) AS last
FROM looked;

-- name: unknown_of_workspace
-- Outcomes nobody knows: few, and found by their own index however many messages were sent.
WITH looked AS (
    SELECT id FROM deliveries WHERE (workspace_id, id) < ($1, $2) AND workspace_id >= $1 AND state = 'unknown'
    ORDER BY workspace_id DESC, id DESC LIMIT $5
)
SELECT array(SELECT id FROM looked ORDER BY id DESC LIMIT $4) AS ids, count(*) AS looked, min(id) AS last
FROM looked
WHERE $3 = 'unknown';

-- name: of_journey
SELECT array(SELECT id FROM deliveries WHERE journey_id = $1 ORDER BY id DESC LIMIT $2) AS ids;

-- name: rows
-- Deliveries for a list, newest first: without their content.
SELECT d.id, d.public_id, d.campaign_id, c.key AS campaign_key, c.name AS campaign_name, d.version, d.journey_id,
       d.person_id, p.external_id, p.email, p.cio_id, d.block, d.channel, d.state, d.recipient, d.subject, d.failure,
       d.provider_id, d.attempts, d.created_at, d.updated_at, d.times, d.open_is_synthetic, d.arm
FROM deliveries AS d
JOIN campaigns AS c ON c.id = d.campaign_id
LEFT JOIN people AS p ON p.id = d.person_id
WHERE d.id = ANY ($2::bigint[]) AND d.workspace_id = $1
ORDER BY d.id DESC;

-- name: id_of
SELECT id FROM deliveries WHERE workspace_id = $1 AND public_id = $2;

-- name: content
SELECT content FROM deliveries WHERE id = $1;

-- name: clicked_links
-- In the order in which they were clicked first; a message has as many as it has links, and no more are shown than asked for.
SELECT address, clicks, first_at, last_at
FROM clicked_links
WHERE delivery_id = $1
ORDER BY first_at, address
LIMIT $2;
