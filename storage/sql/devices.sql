-- name: of_people
SELECT person_id, token, platform, last_used, attributes FROM devices WHERE person_id = ANY ($1::bigint[]);

-- name: keep
-- Add devices, or bring known ones up to date.
INSERT INTO devices (person_id, token, platform, last_used, attributes)
SELECT person_id, token, platform, last_used, attributes
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[], $5::jsonb[])
     AS rows (person_id, token, platform, last_used, attributes)
ON CONFLICT (person_id, token)
DO UPDATE SET platform = EXCLUDED.platform, last_used = EXCLUDED.last_used,
              attributes = devices.attributes || EXCLUDED.attributes;

-- name: remove
DELETE FROM devices
USING unnest($1::bigint[], $2::text[]) AS rows (person_id, token)
WHERE devices.person_id = rows.person_id AND devices.token = rows.token;
