CREATE OR REPLACE VIEW utterances AS
WITH reports AS (
    SELECT
        s.claim, s.kind, s.speaker, s.side, s.relayed_by, s.quote, s.consequence, s.nuclear, s.severity, s.span_start,
        a.id AS article, a.identity, a.story, a.source AS outlet, a.url,
        coalesce(a.published, a.seen) AS reported_at,
        CASE a.ownership WHEN 'state' THEN coalesce('the state ' || d.country, 'a state') ELSE a.source END AS owner
    FROM statements AS s
    JOIN articles AS a ON a.id = s.article
    LEFT JOIN feeds AS d ON d.id = a.feed
    ANTI JOIN (FROM claims WHERE false_alarm) AS f ON f.id = s.claim
    WHERE s.claim IS NOT NULL
),
pauses AS (
    SELECT *, reported_at - lag(reported_at) OVER (PARTITION BY claim ORDER BY reported_at) > INTERVAL 3 DAY AS is_new
    FROM reports
),
-- What is reported again after three silent days was said again.
numbered AS (
    SELECT *, 1 + count(*) FILTER (is_new) OVER (PARTITION BY claim ORDER BY reported_at) AS utterance FROM pauses
)
SELECT
    claim,
    utterance,
    arg_min_null(side, (reported_at, article, span_start)) AS side,
    arg_min_null(speaker, (reported_at, article, span_start)) AS speaker,
    CASE WHEN bool_or(kind = 'red_line') THEN 'red_line' ELSE 'threat' END AS kind,
    arg_min(quote, (reported_at, article, span_start)) AS quote,
    max(severity) AS severity,
    bool_or(nuclear) AS nuclear,
    min(reported_at) AS first_reported,
    max(reported_at) AS last_reported,
    arg_min(article, (reported_at, article, span_start)) AS origin,
    arg_min_null(outlet, (reported_at, article, span_start)) AS origin_outlet,
    arg_min_null(url, (reported_at, article, span_start)) AS origin_url,
    count(DISTINCT identity) AS articles,
    count(DISTINCT identity) FILTER (relayed_by IS NOT NULL) AS relays,
    coalesce(list_sort(list(DISTINCT relayed_by) FILTER (relayed_by IS NOT NULL)), []) AS relayed_by,
    coalesce(list_sort(list(DISTINCT outlet) FILTER (outlet IS NOT NULL)), []) AS outlets,
    greatest(1, least(
        count(DISTINCT owner) FILTER (relayed_by IS NULL), count(DISTINCT story) FILTER (relayed_by IS NULL)
    )) AS independent_outlets
FROM numbered
GROUP BY claim, utterance;
COMMENT ON VIEW utterances IS 'Each utterance once, however many articles report, translate, shorten or relay it: reports of one claim without three silent days between them';
COMMENT ON COLUMN utterances.claim IS 'What is said: claims.id, and red_lines.id if it is a red line';
COMMENT ON COLUMN utterances.utterance IS '1 for the first time it was said';
COMMENT ON COLUMN utterances.side IS 'Whose statement: ISO 3166-1 alpha-2, or slug of an organisation';
COMMENT ON COLUMN utterances.speaker IS 'Who said it, according to the earliest report';
COMMENT ON COLUMN utterances.kind IS 'red_line if any report makes it one, otherwise threat';
COMMENT ON COLUMN utterances.quote IS 'The sentence of the earliest report';
COMMENT ON COLUMN utterances.severity IS 'Highest severity of any report, 1 to 5';
COMMENT ON COLUMN utterances.nuclear IS 'Some report speaks of nuclear weapons or war';
COMMENT ON COLUMN utterances.first_reported IS 'When the earliest report was published, or seen if that is unknown';
COMMENT ON COLUMN utterances.last_reported IS 'When the latest was';
COMMENT ON COLUMN utterances.origin IS 'The earliest article: articles.id';
COMMENT ON COLUMN utterances.origin_outlet IS 'Its outlet';
COMMENT ON COLUMN utterances.origin_url IS 'Its address';
COMMENT ON COLUMN utterances.articles IS 'Articles that report it, revisions of one counted once';
COMMENT ON COLUMN utterances.relays IS 'How many of them only relay it';
COMMENT ON COLUMN utterances.relayed_by IS 'Whom they relay it from';
COMMENT ON COLUMN utterances.outlets IS 'Outlets that report it';
COMMENT ON COLUMN utterances.independent_outlets IS 'Outlets that report it at first hand; those of one state count once, and there are no more than different texts';

-- What became of each red line. It reads utterances, and stands in this file because views are made in order of name.
CREATE OR REPLACE VIEW claim_history AS
WITH put AS (
    SELECT
        w.claim,
        list_distinct(flatten(list(w.condition))) AS condition,
        list_distinct(flatten(list(w.consequence))) AS consequence,
        list_distinct(flatten(list(w.weapons))) AS weapons
    FROM wordings AS w
    WHERE NOT w.misread
    GROUP BY w.claim
),
said AS (
    SELECT u.*, p.condition, p.consequence, p.weapons, u.claim IN (SELECT id FROM red_lines) AS is_line
    FROM utterances AS u
    JOIN put AS p ON p.claim = u.claim
),
-- Two claims of one side are about one condition when most of the words of the shorter condition stand in the other.
related AS (
    SELECT one.claim, other.claim AS other
    FROM (SELECT DISTINCT claim, side, condition, weapons FROM said WHERE is_line) AS one
    JOIN (SELECT DISTINCT claim, side, condition, weapons FROM said WHERE is_line) AS other ON other.side = one.side
    WHERE one.claim = other.claim OR (
        len(list_intersect(one.condition, other.condition))
            >= greatest(2, 0.6 * least(len(one.condition), len(other.condition)))
        AND (len(one.weapons) = 0 OR len(other.weapons) = 0 OR list_has_any(one.weapons, other.weapons))
    )
),
spoken AS (
    SELECT
        r.claim AS red_line, s.side, s.first_reported AS happened_at, s.severity, s.nuclear,
        s.consequence, s.quote AS what, s.origin AS article, s.utterance
    FROM related AS r
    JOIN said AS s ON s.claim = r.other
),
compared AS (
    SELECT
        *,
        lag(severity) OVER line AS severity_before,
        coalesce(bool_or(nuclear) OVER earlier, false) AS nuclear_before,
        coalesce(flatten(list(consequence) OVER earlier), []) AS consequence_before
    FROM spoken
    WINDOW
        line AS (PARTITION BY red_line ORDER BY happened_at, article, what),
        earlier AS (
            PARTITION BY red_line ORDER BY happened_at, article, what
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )
),
words AS (
    SELECT
        red_line, side,
        CASE
            WHEN severity_before IS NULL THEN 'drawn'
            WHEN severity > severity_before OR (nuclear AND NOT nuclear_before) THEN 'sharpened'
            WHEN utterance = 1 AND len(consequence) > 0
                AND NOT list_has_any(consequence, consequence_before) AND severity = severity_before THEN 'sharpened'
            WHEN severity < severity_before THEN 'softened'
            ELSE 'repeated'
        END AS event,
        happened_at, what, article, severity
    FROM compared
),
lines AS (
    SELECT DISTINCT l.id, l.side, l.first_said, p.condition, p.weapons
    FROM red_lines AS l
    JOIN put AS p ON p.claim = l.id
),
dismissed AS (
    SELECT l.id, l.side, 'dismissed', coalesce(a.published, a.seen) AS happened_at, s.quote, a.id, s.severity
    FROM lines AS l
    JOIN statements AS s ON s.side = l.side
        AND regexp_matches(s.quote, '\b(not|no|never|\w+n[''’]t) ((a|an|any|our|its|his|new) )*red[ -]lines?\b', 'i')
    JOIN articles AS a ON a.id = s.article
    WHERE coalesce(a.published, a.seen) > l.first_said
        AND len(list_filter(l.condition, lambda word: contains(lower(s.quote), word))) >= 2
    QUALIFY row_number() OVER (PARTITION BY l.id, s.quote ORDER BY happened_at, a.id) = 1
),
deeds AS (
    SELECT
        t.weapon, t.stage, t.supplier, t.recipient, coalesce(a.published, a.seen) AS happened_at, a.id AS article,
        t.weapon || ' ' || t.stage || coalesce(' ' || t.recipient, '') AS what
    FROM transfers AS t
    JOIN articles AS a ON a.id = t.article
    ANTI JOIN (FROM claims WHERE false_alarm) AS f ON f.id = t.claim
    WHERE t.stage IN ('delivered', 'use_permitted', 'used') AND NOT t.background
    QUALIFY row_number() OVER (
        PARTITION BY t.weapon, t.stage, t.supplier, t.recipient ORDER BY happened_at, a.id, t.span_start
    ) = 1
),
crossed AS (
    SELECT l.id, l.side, 'crossed', d.happened_at, d.what, d.article, NULL::INTEGER
    FROM lines AS l
    JOIN deeds AS d ON list_contains(l.weapons, d.weapon)
    WHERE d.happened_at > l.first_said
        AND d.recipient IS DISTINCT FROM l.side AND d.supplier IS DISTINCT FROM l.side
),
followed AS (
    SELECT l.id, l.side, 'followed', s.first_reported, s.quote, s.origin, s.severity
    FROM lines AS l
    JOIN said AS s ON s.side = l.side
    ANTI JOIN related AS r ON r.claim = l.id AND r.other = s.claim
    WHERE s.first_reported > l.first_said AND s.first_reported <= l.first_said + INTERVAL 30 DAY
    UNION ALL
    SELECT l.id, l.side, 'followed', d.happened_at, d.what, d.article, NULL
    FROM lines AS l
    JOIN deeds AS d ON d.supplier = l.side OR d.recipient = l.side
    WHERE d.happened_at > l.first_said AND d.happened_at <= l.first_said + INTERVAL 30 DAY
)
FROM words
UNION ALL FROM dismissed
UNION ALL FROM crossed
UNION ALL FROM followed;
COMMENT ON VIEW claim_history IS 'What became of each red line, by publication: when its side drew, repeated, sharpened, softened or dismissed it, what crossed it, and what followed';
COMMENT ON COLUMN claim_history.red_line IS 'The red line: red_lines.id; lines of one side on one condition share their history';
COMMENT ON COLUMN claim_history.side IS 'Who drew it';
COMMENT ON COLUMN claim_history.event IS 'drawn, repeated, sharpened (more severe, nuclear, or with another consequence), softened (less severe), dismissed (the side says it is not one), crossed (a weapon it names was delivered, permitted for use or used by another side), followed (within 30 days: what the same side said, received, supplied or used)';
COMMENT ON COLUMN claim_history.happened_at IS 'When it was first reported';
COMMENT ON COLUMN claim_history.what IS 'The sentence; for an act, the weapon, stage and recipient';
COMMENT ON COLUMN claim_history.article IS 'The earliest article that says so: articles.id';
COMMENT ON COLUMN claim_history.severity IS 'Severity of the statement, 1 to 5';
