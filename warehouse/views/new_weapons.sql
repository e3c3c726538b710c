CREATE OR REPLACE VIEW new_weapons AS
WITH sightings AS (
    SELECT
        m.weapon,
        a.id AS article,
        a.identity,
        a.title,
        a.source AS outlet,
        a.ownership,
        a.url,
        coalesce(a.published, a.seen) AS sighted_at
    FROM weapon_mentions AS m
    JOIN articles AS a ON a.id = m.article
    ANTI JOIN (FROM claims WHERE false_alarm) AS f ON f.id = m.claim
)
SELECT
    w.id AS weapon,
    w.name,
    w.category,
    w.family,
    w.known,
    min(s.sighted_at) AS first_sighted,
    max(s.sighted_at) AS last_sighted,
    count(DISTINCT s.identity) AS articles,
    count(DISTINCT s.outlet) AS outlets,
    arg_min(s.article, (s.sighted_at, s.article)) AS article,
    arg_min_null(s.title, (s.sighted_at, s.article)) AS title,
    arg_min_null(s.outlet, (s.sighted_at, s.article)) AS outlet,
    arg_min_null(s.ownership, (s.sighted_at, s.article)) AS ownership,
    arg_min_null(s.url, (s.sighted_at, s.article)) AS url
FROM weapons AS w
JOIN sightings AS s ON s.weapon = w.id
WHERE w.specific
GROUP BY ALL;
COMMENT ON VIEW new_weapons IS 'First sighting of each weapon system, by publication, with the article';
COMMENT ON COLUMN new_weapons.weapon IS 'Slug of the weapon: weapons.id';
COMMENT ON COLUMN new_weapons.name IS 'Name';
COMMENT ON COLUMN new_weapons.category IS 'Category';
COMMENT ON COLUMN new_weapons.family IS 'Shared by variants of one system';
COMMENT ON COLUMN new_weapons.known IS 'The lexicon lists it';
COMMENT ON COLUMN new_weapons.first_sighted IS 'When the earliest article was published, or seen if that is unknown';
COMMENT ON COLUMN new_weapons.last_sighted IS 'When the latest was';
COMMENT ON COLUMN new_weapons.articles IS 'Articles that mention it, revisions of one counted once';
COMMENT ON COLUMN new_weapons.outlets IS 'Outlets that mention it';
COMMENT ON COLUMN new_weapons.article IS 'The earliest article: articles.id';
COMMENT ON COLUMN new_weapons.title IS 'Its headline';
COMMENT ON COLUMN new_weapons.outlet IS 'Its outlet';
COMMENT ON COLUMN new_weapons.ownership IS 'Who owns that outlet';
COMMENT ON COLUMN new_weapons.url IS 'Its address';
