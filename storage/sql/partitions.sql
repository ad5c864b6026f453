-- name: take_turn
-- Two processes that make the same partition at once: the second waits, and finds it.
SELECT pg_advisory_xact_lock($1);

-- name: hurry
SET LOCAL lock_timeout = '2s';

-- name: known
-- The partitions of the events, by name, which sorts by month. Read from the catalog's tables: what to_regclass says may
-- be older than the lock that was just waited for.
SELECT child.relname::text AS name
FROM pg_inherits
JOIN pg_class AS child ON child.oid = pg_inherits.inhrelid
WHERE pg_inherits.inhparent = 'events'::regclass
ORDER BY child.relname;

-- name: forget_keys
-- Client-supplied event ids are remembered as long as the events themselves.
DELETE FROM event_keys WHERE received_at < $1;
