-- What the articles of those events say, each claim once, as the earliest of them puts it.
WITH said AS (
    SELECT article, claim, kind, speaker AS who, NULL AS weapon, quote AS sentence, severity, span_start FROM statements
    UNION ALL
    SELECT article, claim, stage, NULL, weapon, sentence, NULL, span_start FROM transfers WHERE NOT background
)
SELECT
    r.event, s.claim, s.kind, s.who, s.weapon, s.sentence, s.severity,
    a.title, a.source AS outlet, a.ownership, a.url, r.reported_at
FROM event_reports AS r
JOIN said AS s ON s.article = r.article
JOIN articles AS a ON a.id = r.article
ANTI JOIN (FROM claims WHERE false_alarm) AS f ON f.id = s.claim
WHERE s.claim IS NOT NULL AND r.event IN (
    SELECT event FROM events WHERE last_reported >= getvariable('since') AND first_reported <= getvariable('until')
)
QUALIFY row_number() OVER (PARTITION BY r.event, s.claim ORDER BY r.reported_at, a.id, s.span_start) = 1
ORDER BY r.event, r.reported_at, a.id, s.span_start
