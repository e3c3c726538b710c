-- Alerts that were decided, by status: pending, delivered, suppressed or poison
SELECT status, count(*) AS value FROM alerts GROUP BY status
