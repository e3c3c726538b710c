CREATE OR REPLACE VIEW events AS
WITH claimed AS (
    SELECT article, claim FROM statements UNION SELECT article, claim FROM transfers
    UNION SELECT article, claim FROM weapon_mentions
),
claims_of AS (
    SELECT event, list_sort(list(DISTINCT claim)) AS claims
    FROM claimed JOIN event_reports USING (article)
    WHERE claim IS NOT NULL
    GROUP BY event
)
SELECT
    r.event,
    arg_min(a.title, (r.reported_at, a.id)) AS title,
    min(r.reported_at) AS first_reported,
    max(r.reported_at) AS last_reported,
    count(DISTINCT a.identity) AS articles,
    count(DISTINCT a.story) AS texts,
    coalesce(list_sort(list(DISTINCT a.source) FILTER (a.source IS NOT NULL)), []) AS outlets,
    list_sort(list_distinct(flatten(list(r.anchors)))) AS anchors,
    coalesce(any_value(c.claims), []) AS claims
FROM event_reports AS r
JOIN articles AS a ON a.id = r.article
LEFT JOIN claims_of AS c ON c.event = r.event
GROUP BY r.event;
COMMENT ON VIEW events IS 'What different articles report together: near in date, on the same weapons or sides, with similar titles and leads; wider than a story, which is one text and its copies';
COMMENT ON COLUMN events.event IS 'Id of the event';
COMMENT ON COLUMN events.title IS 'Title of its earliest article';
COMMENT ON COLUMN events.first_reported IS 'When that was published, or seen if that is unknown';
COMMENT ON COLUMN events.last_reported IS 'When the latest was';
COMMENT ON COLUMN events.articles IS 'Articles that report it, revisions of one counted once';
COMMENT ON COLUMN events.texts IS 'Different texts among them: copies of one count once';
COMMENT ON COLUMN events.outlets IS 'Outlets that report it';
COMMENT ON COLUMN events.anchors IS 'Systems it is about, and who speaks, supplies or receives';
COMMENT ON COLUMN events.claims IS 'What is claimed in its articles: claims.id';
