-- name: begin
-- Order this change against every decision: whoever decides holds the row FOR SHARE, so this waits for them and they for us.
INSERT INTO definitions (workspace_id, version)
VALUES ($1, 1)
ON CONFLICT (workspace_id) DO UPDATE SET version = definitions.version + 1
RETURNING version;
