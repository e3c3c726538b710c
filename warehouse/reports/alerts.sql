-- Alerts decided in the period, the latest first, and what became of them.
SELECT
    a.id, a.kind, a.headline, a.why, a.sentence, a.marks, a.severity, a.speaker, a.role, a.outlet, a.ownership, a.title,
    a.url, a.published, a.seen, a.backlog, a.suppressed, a.status, a.decided_at,
    coalesce(c.merged_into, c.id) AS claim, c.weapon, coalesce(c.false_alarm, false) AS false_alarm, e.event
FROM alerts AS a
LEFT JOIN claims AS c ON c.id = a.claim
LEFT JOIN event_reports AS e ON e.article = a.article
WHERE a.decided_at BETWEEN getvariable('since') AND getvariable('until')
ORDER BY a.decided_at DESC, a.severity DESC, a.id
