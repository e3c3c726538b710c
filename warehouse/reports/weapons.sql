-- Systems that articles of the period name, and all weapons that took a step in it.
WITH named AS (
    SELECT
        m.weapon, count(DISTINCT a.identity) AS articles, count(DISTINCT a.source) AS outlets,
        max(coalesce(a.published, a.seen)) AS last_named
    FROM weapon_mentions AS m
    JOIN articles AS a ON a.id = m.article
    ANTI JOIN (FROM claims WHERE false_alarm) AS f ON f.id = m.claim
    WHERE coalesce(a.published, a.seen) BETWEEN getvariable('since') AND getvariable('until')
    GROUP BY m.weapon
),
stepped AS (
    SELECT weapon, count(*) AS steps, count(*) FILTER (reversal) AS reversals
    FROM weapon_timeline
    WHERE last_reported >= getvariable('since') AND since <= getvariable('until')
    GROUP BY weapon
)
SELECT
    w.id AS weapon, w.name, w.category, w.family, w.specific, w.known, n.last_named, f.first_sighted,
    coalesce(n.articles, 0) AS articles, coalesce(n.outlets, 0) AS outlets,
    coalesce(s.steps, 0) AS steps, coalesce(s.reversals, 0) AS reversals
FROM weapons AS w
LEFT JOIN named AS n ON n.weapon = w.id
LEFT JOIN stepped AS s ON s.weapon = w.id
LEFT JOIN new_weapons AS f ON f.weapon = w.id
WHERE (w.specific AND n.weapon IS NOT NULL) OR s.weapon IS NOT NULL
ORDER BY steps DESC, articles DESC, w.id
