-- name: hold
-- The number of changes so far. Nobody can change a campaign or segment until our transaction ends.
SELECT version FROM definitions WHERE workspace_id = $1 FOR SHARE;

-- name: keep_out
-- Whoever decides holds the row FOR SHARE, so nobody does until we are done.
SELECT FROM definitions WHERE workspace_id = $1 FOR UPDATE;

-- name: begin
-- The first look at a workspace whose campaigns and segments never changed.
INSERT INTO definitions (workspace_id) VALUES ($1) ON CONFLICT DO NOTHING;

-- name: campaigns
-- What people can enter, and what their events may wait for. And of condition campaigns that do not run those that let
-- people finish, who may stop matching (behaviour 13.03, 10.51), and where every match counts: who stops matching is
-- remembered for a restart (13.09). Each in its latest version; before that, if an instant is given, in the versions back
-- to the one that counted just before the instant, but not back beyond the start.
SELECT c.id, c.key, v.version, v.created_at AS since, v.document, c.started_at, c.state,
       CASE WHEN c.load_state IS NOT NULL THEN coalesce(c.load_since, 'epoch') END AS current_since
FROM campaigns AS c
JOIN campaign_versions AS v ON v.campaign_id = c.id AND v.version >= coalesce(
    (SELECT max(version) FROM campaign_versions
     WHERE campaign_id = c.id AND created_at < greatest($2::timestamptz, c.started_at + interval '1 microsecond')
       AND $2 IS NOT NULL),
    c.latest_version
)
WHERE c.workspace_id = $1 AND c.started_at IS NOT NULL
  AND (c.state IN ('starting', 'running')
       OR v.document -> 'trigger' ? 'condition' AND (c.state = 'stopping' OR v.document -> 'frequency' ? 'every_match'))
ORDER BY c.id, v.version DESC;

-- name: edits
-- When versions began to count after the start of their campaign.
SELECT DISTINCT v.created_at
FROM campaigns AS c
JOIN campaign_versions AS v ON v.campaign_id = c.id AND v.created_at > c.started_at
WHERE c.workspace_id = $1 AND c.state <> 'archived'
ORDER BY v.created_at;

-- name: segments
SELECT id, key, condition, state, redefined_at FROM segments WHERE workspace_id = $1 ORDER BY id;

-- name: build_cursors
SELECT id, build_cursor FROM segments WHERE id = ANY ($1::bigint[]);

-- name: advance_build
UPDATE segments SET build_cursor = $2 WHERE id = $1;

-- name: finish_build
UPDATE segments SET state = 'ready', updated_at = $2 WHERE id = $1;

-- name: workspaces
SELECT id FROM workspaces ORDER BY id;
