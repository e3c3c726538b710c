-- What several metrics are made of, computed once.
CREATE TEMP TABLE owed AS
SELECT coalesce(not_before, decided_at) AS since FROM alerts
WHERE status = 'pending' AND suppressed IS NULL AND (not_before IS NULL OR not_before <= getvariable('now'));

CREATE TEMP TABLE scores AS
SELECT confidence, seen > getvariable('now') - INTERVAL 7 DAY AS recent
FROM statements JOIN articles ON articles.id = article
WHERE seen > getvariable('now') - INTERVAL 37 DAY AND seen <= getvariable('now');

CREATE TEMP TABLE successes AS
SELECT kind AS step, max(finished_at) AS latest, arg_max(finished_at - started_at, finished_at) AS took
FROM runs WHERE outcome = 'completed' GROUP BY kind;

-- around what the tiers of feeds promise
CREATE TEMP MACRO by_delay(seconds) AS
histogram(seconds, [30.0, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 21600, 86400, 259200]::DOUBLE[]);
