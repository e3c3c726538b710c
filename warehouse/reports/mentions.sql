-- The latest 12 articles of the period that name each weapon.
SELECT m.weapon, a.title, a.source AS outlet, a.ownership, a.url, coalesce(a.published, a.seen) AS reported_at
FROM (SELECT DISTINCT weapon, article FROM weapon_mentions) AS m
JOIN articles AS a ON a.id = m.article
WHERE a.superseded_by IS NULL
    AND coalesce(a.published, a.seen) BETWEEN getvariable('since') AND getvariable('until')
QUALIFY row_number() OVER (PARTITION BY m.weapon ORDER BY reported_at DESC, a.id) <= 12
ORDER BY m.weapon, reported_at DESC, a.id
