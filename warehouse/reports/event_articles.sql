-- The articles of those events, the latest revision of each, at most 40 of one event.
SELECT r.event, a.title, a.source AS outlet, a.ownership, a.genre, a.language, a.url, r.reported_at
FROM event_reports AS r
JOIN articles AS a ON a.id = r.article
WHERE a.superseded_by IS NULL AND r.event IN (
    SELECT event FROM events WHERE last_reported >= getvariable('since') AND first_reported <= getvariable('until')
)
QUALIFY row_number() OVER (PARTITION BY r.event ORDER BY r.reported_at, a.id) <= 40
ORDER BY r.event, r.reported_at, a.id
