-- Feeds that did not answer when they were last asked
SELECT count(*) AS value FROM feeds WHERE consecutive_failures > 0
