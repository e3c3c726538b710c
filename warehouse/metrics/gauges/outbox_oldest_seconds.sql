-- How long the oldest of these alerts has waited; 0 where none does
SELECT greatest(coalesce(epoch(getvariable('now') - min(since)), 0), 0) AS value FROM owed
