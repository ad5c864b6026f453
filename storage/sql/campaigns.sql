-- name: find
-- A campaign by key, with its latest document.
SELECT c.id, c.workspace_id, c.key, c.name, c.state, c.latest_version, v.document,
       c.created_at, c.updated_at, c.first_started_at, c.started_at, c.stopped_at
FROM campaigns AS c
JOIN campaign_versions AS v ON v.campaign_id = c.id AND v.version = c.latest_version
WHERE c.workspace_id = $1 AND c.key = $2;

-- name: called_by
-- The campaign whose webhook has a token. A draft may have got another trigger since.
SELECT c.id, c.workspace_id, c.key, c.state
FROM campaigns AS c
JOIN campaign_versions AS v ON v.campaign_id = c.id AND v.version = c.latest_version
WHERE c.webhook_token = $1 AND v.document -> 'trigger' ? 'webhook';

-- name: create
-- A new campaign is a draft (behaviour 1.02).
WITH created AS (
    INSERT INTO campaigns (workspace_id, key, name, state, latest_version, created_at, updated_at)
    VALUES ($1, $2, $3, 'draft', 1, $6, $6)
    RETURNING id
)
INSERT INTO campaign_versions (campaign_id, version, document, segments, created_at)
SELECT id, 1, $4, $5, $6 FROM created
RETURNING campaign_id;

-- name: give_token
UPDATE campaigns SET webhook_token = coalesce(webhook_token, $2) WHERE id = $1;

-- name: add_version
WITH saved AS (
    UPDATE campaigns SET name = $2, latest_version = latest_version + 1, updated_at = $5
    WHERE id = $1
    RETURNING id, latest_version
)
INSERT INTO campaign_versions (campaign_id, version, document, segments, created_at)
SELECT id, latest_version, $3, $4, $5 FROM saved;

-- name: start
-- The first start is kept for ever; events from before the latest one never trigger (behaviour 12.09, 1.43). It is later
-- than the stop before it, whosever clock said when that was: who is inside since before the stop does not resume (13.11).
UPDATE campaigns
SET state = 'running', first_started_at = coalesce(first_started_at, $2), updated_at = $2, load_state = NULL,
    started_at = greatest($2, stopped_at + interval '1 microsecond')
WHERE id = $1
RETURNING started_at;

-- name: move
UPDATE campaigns SET state = $2, updated_at = $3 WHERE id = $1;

-- name: stop
UPDATE campaigns SET state = 'stopped', stopped_at = $3, stop_mode = $2, updated_at = $3 WHERE id = $1;

-- name: is_empty
-- Is no journey of the campaign open?
SELECT NOT EXISTS (SELECT FROM journeys WHERE campaign_id = $1 AND state NOT IN ('finished', 'exited'));

-- name: drop_retries
-- End what waits for its filters, and say why (behaviour 4.14, 13.07). Returns what is needed to tell the workflows.
WITH dropped AS (
    DELETE FROM filter_retries
    WHERE campaign_id = $1
    RETURNING id, campaign_id, person_id, coalesce(entered_as, person_id) AS entrant, occurrence, workspace_id
), refused AS (
    INSERT INTO refusals (campaign_id, person_id, occurrence, workspace_id, at, reason, seen, retry_id)
    SELECT campaign_id, person_id, occurrence, workspace_id, $2, $3, '{}', id FROM dropped
    ON CONFLICT DO NOTHING
)
SELECT entrant, occurrence FROM dropped;
