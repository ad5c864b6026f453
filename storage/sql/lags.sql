-- name: lags
-- The oldest of everything that waits, each by its index: asked at every scrape of the metrics.
SELECT (SELECT min(oldest.received_at) FROM workspaces CROSS JOIN LATERAL (
            SELECT received_at FROM inbox WHERE workspace_id = workspaces.id ORDER BY id LIMIT 1
        ) AS oldest)                                                      AS inbox,
       (SELECT created_at FROM outbox ORDER BY id LIMIT 1)               AS outbox,
       (SELECT min(due_at) FROM segment_rechecks WHERE due_at < $1)      AS segments,
       (SELECT min(expires_at) FROM filter_retries WHERE expires_at < $1) AS filters,
       (SELECT min(fire_at) FROM date_fires WHERE fire_at < $1)          AS dates,
       (SELECT min(due_at) FROM reentries WHERE due_at < $1)             AS reentries,
       (SELECT min(due_at) FROM journeys
        WHERE due_at < $1 AND state NOT IN ('finished', 'exited'))       AS journeys;
