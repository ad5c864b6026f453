-- name: of_site
-- The living keys of one user name of Basic credentials; usually one, two while a key is being exchanged.
SELECT workspace_id, secret_hash
FROM api_keys
WHERE surface = $1 AND site_id = $2 AND revoked_at IS NULL;

-- name: of_secret
-- The living keys with this secret, for Bearer credentials, which carry no user name.
SELECT workspace_id, secret_hash
FROM api_keys
WHERE surface = $1 AND secret_hash = $2 AND revoked_at IS NULL;

-- name: add
-- A key that is there already stays as it is.
INSERT INTO api_keys (workspace_id, surface, site_id, secret_hash, is_development, created_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (surface, site_id, secret_hash) DO NOTHING;

-- name: revoke
UPDATE api_keys SET revoked_at = $4
WHERE surface = $1 AND site_id = $2 AND secret_hash = $3 AND revoked_at IS NULL;

-- name: development_key_exists
SELECT EXISTS (SELECT 1 FROM api_keys WHERE is_development AND revoked_at IS NULL);

-- name: open_workspace
-- Finds or makes the workspace of a name, with its counter of definitions. The update that changes nothing is what makes
-- RETURNING answer for a row that was there.
WITH opened AS (
    INSERT INTO workspaces (name, created_at) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET name = EXCLUDED.name
    RETURNING id
), counted AS (
    INSERT INTO definitions (workspace_id) SELECT id FROM opened
    ON CONFLICT (workspace_id) DO NOTHING
)
SELECT id FROM opened;

-- name: living
-- Every key that still opens something, for an operator; never the secret, which is not stored.
SELECT key.id, workspace.name AS workspace, key.surface, key.site_id, key.is_development, key.created_at
FROM api_keys AS key
JOIN workspaces AS workspace ON workspace.id = key.workspace_id
WHERE key.revoked_at IS NULL
ORDER BY key.id;

-- name: revoke_number
UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING id;

-- name: workspace_named
SELECT id FROM workspaces WHERE name = $1;
