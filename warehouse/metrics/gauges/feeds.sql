-- Feeds that were polled, by health: new, ok, failing, quiet or gone
SELECT health, count(*) AS value FROM feeds GROUP BY health
