-- name: backlogs
-- What waits and since when, what was given up on, and what an operator has to settle.
SELECT (SELECT count(*) FROM inbox)                                  AS inputs,
       (SELECT min(received_at) FROM inbox)                          AS oldest_input,
       (SELECT count(*) FROM outbox)                                 AS messages,
       (SELECT min(created_at) FROM outbox)                          AS oldest_message,
       (SELECT last_error FROM outbox WHERE last_error IS NOT NULL ORDER BY id LIMIT 1) AS message_error,
       (SELECT count(*) FROM inbox_rejects)                          AS rejects,
       (SELECT count(*) FROM deliveries WHERE state = 'unknown')     AS unknown_deliveries,
       (SELECT count(*) FROM pg_inherits WHERE inhparent = 'events'::regclass) AS partitions,
       -- Their names end in year and month, and sort by them.
       (SELECT to_timestamp(right(min(child.relname), 7) || '+00', 'YYYY_MM+TZH')
        FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
        WHERE inhparent = 'events'::regclass)                        AS oldest_partition;

-- name: processes
-- Which of our processes hold a connection to this database, by the name they give themselves.
SELECT DISTINCT application_name FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'sojourn%'
ORDER BY application_name;
