-- name: all_of
SELECT id, document FROM event_questions WHERE workspace_id = $1 ORDER BY id;

-- name: ensure
INSERT INTO event_questions (workspace_id, document, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- name: drop_unused
WITH dropped AS (
    DELETE FROM event_questions WHERE workspace_id = $1 AND NOT document = ANY ($2::jsonb[]) RETURNING id
)
DELETE FROM tallies WHERE question_id IN (SELECT id FROM dropped);
