-- The whole way of each weapon that took a step in the period, with the article that reports each step first.
SELECT t.*, a.title, a.source AS outlet, a.ownership, e.event
FROM weapon_timeline AS t
JOIN articles AS a ON a.id = t.article
LEFT JOIN event_reports AS e ON e.article = a.id
WHERE t.weapon IN (
    SELECT weapon FROM weapon_timeline
    WHERE last_reported >= getvariable('since') AND since <= getvariable('until')
)
ORDER BY t.weapon, t.supplier NULLS LAST, t.recipient NULLS LAST, t.step
