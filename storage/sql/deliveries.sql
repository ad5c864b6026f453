-- name: claim
-- Take a message in hand before it is handed over, under the key that makes it one (behaviour 6.03). A suppressed address
-- gets nothing, whatever the campaign says (behaviour 11.10). An earlier claim of the same message is taken over, unless
-- there was another since the caller looked.
INSERT INTO deliveries AS d (key, public_id, workspace_id, campaign_id, version, journey_id, person_id, block, channel,
                             state, recipient, subject, content, failure, attempts, created_at, updated_at, times, arm)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, verdict.state, $11, $12, $13,
       CASE WHEN verdict.state = 'suppressed' THEN 'The address is suppressed.' ELSE $15 END,
       1, $16, $16, jsonb_build_object(verdict.state, $16::timestamptz), $18
FROM (SELECT CASE WHEN EXISTS (SELECT FROM suppressed_addresses WHERE workspace_id = $3 AND address_key = $14)
                  THEN 'suppressed' ELSE $10::text END AS state) AS verdict
ON CONFLICT (key) DO UPDATE
SET state = EXCLUDED.state, version = EXCLUDED.version, recipient = EXCLUDED.recipient, subject = EXCLUDED.subject,
    content = EXCLUDED.content, failure = EXCLUDED.failure, attempts = d.attempts + 1, updated_at = EXCLUDED.updated_at,
    arm = EXCLUDED.arm,
    times = CASE EXCLUDED.state WHEN 'failed' THEN d.times || EXCLUDED.times ELSE EXCLUDED.times || d.times END
WHERE d.attempts = $17
RETURNING id, state, failure, attempts, created_at;

-- name: claim_again
-- Take a message in hand once more because an operator said so: only one of unknown outcome, or an attempt to repeat.
UPDATE deliveries
SET state = 'handing_over', attempts = attempts + 1, updated_at = $2,
    times = jsonb_build_object('handing_over', $2::timestamptz) || times
WHERE id = $1 AND state IN ('unknown', 'attempted') AND content IS NOT NULL
RETURNING id, public_id, key, workspace_id, channel, content, attempts, journey_id, block;

-- name: failed
-- Whose message this is that failed.
SELECT key, journey_id, block FROM deliveries WHERE id = $1 AND state = 'failed';

-- name: fail_again
-- Why a message that failed cannot be made anew. An operator's next try is another attempt, so this one counts.
UPDATE deliveries
SET failure = $2, attempts = attempts + 1, updated_at = $3, times = times || jsonb_build_object('failed', $3::timestamptz)
WHERE id = $1;

-- name: record
-- What became of one attempt, and when: of failures the latest counts, of anything else the first. A later attempt has another number, and a state that a report has raised stays as it is.
-- A failure may quote the address, which must not come back after the person was deleted (0 is nobody, who stays). The
-- status of an answer stands with what was sent, and its class among the times, as the metric that it is (behaviour 6.39).
-- A scanner may have opened it before the provider said that it was taken (behaviour 14.22).
UPDATE deliveries
SET state = CASE WHEN $3::text <> 'sent' THEN $3 WHEN times ? 'clicked' THEN 'clicked' WHEN times ? 'opened' THEN 'opened'
                 ELSE $3 END,
    provider_id = coalesce($5, provider_id), updated_at = $6,
    failure = CASE WHEN person_id = 0 OR EXISTS (SELECT FROM people WHERE people.id = deliveries.person_id) THEN $4 END,
    content = CASE WHEN $7::integer IS NULL THEN content
                   ELSE content || jsonb_build_object('response', jsonb_build_object('status', $7::integer)) END,
    times = CASE WHEN $7::integer IS NULL THEN '{}'::jsonb
                 ELSE jsonb_build_object($7::integer / 100 || 'xx', $6::timestamptz) END
            || CASE $3::text WHEN 'failed' THEN times || jsonb_build_object($3::text, $6::timestamptz)
                             ELSE jsonb_build_object($3::text, $6::timestamptz) || times END
WHERE id = $1 AND attempts = $2 AND state IN ('handing_over', 'unknown');

-- name: give_up
-- A message that was begun and is not going to be sent, or nobody knows whether it was.
UPDATE deliveries
SET state = $2, failure = $3, updated_at = $4, times = jsonb_build_object($2::text, $4::timestamptz) || times
WHERE id = $1;

-- name: standing
SELECT state, attempts FROM deliveries WHERE id = $1;

-- name: untaken
-- Webhooks that are to be tried again and were not since an instant, by keyset: few, and found by their own index.
SELECT id, workspace_id, campaign_id, person_id, journey_id, block, created_at
FROM deliveries
WHERE state = 'attempted' AND channel = 'webhook' AND updated_at < $1 AND id > $2
ORDER BY id
LIMIT $3;
