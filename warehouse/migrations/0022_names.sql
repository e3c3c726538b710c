-- Names that the field uses: what a route refuses for good is a dead letter, and texts are looked up by LSH bands.

UPDATE alerts SET status = 'dead_letter' WHERE status = 'poison';
UPDATE deliveries SET status = 'dead_letter' WHERE status = 'poison';
UPDATE runs
SET counts = map_from_entries([
    {'k': CASE entry.key WHEN 'poison' THEN 'dead_letters' ELSE entry.key END, 'v': entry.value}
    FOR entry IN map_entries(counts)
])
WHERE map_contains(counts, 'poison');
COMMENT ON COLUMN alerts.status IS 'pending, delivered, suppressed, held (may have been told before a restore; brinkwatch alerts resend sends it) or dead_letter (refused for good)';
COMMENT ON COLUMN deliveries.status IS 'queued (to be sent again), claimed (somebody is sending it), delivered, retry, held (may have been told before a restore) or dead_letter (refused for good)';

ALTER TABLE story_bands RENAME COLUMN bands TO lsh_bands;
