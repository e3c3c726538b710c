-- Feeds that were due when the snapshot was published
SELECT count(*) AS value FROM feeds WHERE next_due_at <= getvariable('published')
