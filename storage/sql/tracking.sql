-- name: link_secret
SELECT secret FROM link_secret;

-- name: opened
-- The first time that the image of a message was loaded; later ones change nothing. After a click that told of the open,
-- it is known by the image too, and stays when it was (behaviour 7.12). What was handed over is raised to `opened`, any
-- other state stays: a scanner may look at a message that its server then refuses (behaviour 14.22).
UPDATE deliveries
SET state = CASE WHEN state IN ('sent', 'deferred', 'delivered') THEN 'opened' ELSE state END,
    times = jsonb_build_object('opened', $2::timestamptz) || times,
    open_is_synthetic = false,
    updated_at = $2
WHERE public_id = $1 AND (NOT times ? 'opened' OR open_is_synthetic);

-- name: clicked
-- A click is an open as well, if there was none (behaviour 7.12). Of what comes in at once the later may be written first,
-- so what is written here may have been the first all the same. Where it led is kept unless the person was deleted: the
-- content is gone then, and the row that this waits for says so whoever comes first (erasure.sql).
WITH clicked AS (
    UPDATE deliveries
    SET state = CASE WHEN state IN ('sent', 'deferred', 'delivered', 'opened') THEN 'clicked' ELSE state END,
        times = times || jsonb_build_object('opened', least((times ->> 'opened')::timestamptz, $3::timestamptz),
                                            'clicked', least((times ->> 'clicked')::timestamptz, $3)),
        open_is_synthetic = open_is_synthetic OR NOT times ? 'opened',
        updated_at = $3
    WHERE public_id = $1
    RETURNING id, content IS NULL AS is_erased
)
INSERT INTO clicked_links AS known (delivery_id, address, clicks, first_at, last_at)
SELECT id, $2, 1, $3, $3 FROM clicked WHERE NOT is_erased
ON CONFLICT (delivery_id, address) DO UPDATE
SET clicks = known.clicks + 1,
    first_at = least(known.first_at, EXCLUDED.first_at),
    last_at = greatest(known.last_at, EXCLUDED.last_at);
