-- Who reports what was said in the period: the latest revision of each article once, at most 40 for one claim.
SELECT
    s.claim, a.title, a.source AS outlet, a.ownership, a.url, coalesce(a.published, a.seen) AS reported_at,
    any_value(s.relayed_by) AS relayed_by
FROM statements AS s
JOIN articles AS a ON a.id = s.article
WHERE a.superseded_by IS NULL AND s.claim IN (
    SELECT claim FROM utterances WHERE first_reported BETWEEN getvariable('since') AND getvariable('until')
)
GROUP BY s.claim, a.title, a.source, a.ownership, a.url, reported_at
QUALIFY row_number() OVER (PARTITION BY s.claim ORDER BY reported_at, a.url, a.title) <= 40
ORDER BY s.claim, reported_at, a.url, a.title
