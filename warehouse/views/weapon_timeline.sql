CREATE OR REPLACE VIEW weapon_timeline AS
WITH reports AS (
    SELECT
        t.weapon, t.supplier, t.recipient, t.stage, t.plover, t.quantity, t.sentence, t.background,
        a.id AS article, a.identity, a.source AS outlet, a.url,
        coalesce(a.published, a.seen) AS reported_at,
        t.span_start
    FROM transfers AS t
    JOIN articles AS a ON a.id = t.article
    ANTI JOIN (FROM claims WHERE false_alarm) AS f ON f.id = t.claim
),
turns AS (
    SELECT
        *,
        stage IN ('refused', 'suspended', 'use_refused') AND stage IS DISTINCT FROM lag(stage) OVER way
            AND NOT background AS is_turn
    FROM reports
    WINDOW way AS (
        PARTITION BY weapon, supplier, recipient, background ORDER BY reported_at, article, span_start, stage
    )
),
-- What is reported as past reverses nothing: "which it first refused" is no new refusal.
-- Only a refusal or a halt lets a stage be reached again: an article that recalls the pledge after the delivery, or
-- tells of a second batch, reports a step that is there.
rounds AS (
    SELECT
        *,
        count(*) FILTER (is_turn) OVER (
            PARTITION BY weapon, supplier, recipient ORDER BY reported_at, article, span_start, stage
        ) AS round
    FROM turns
),
grouped AS (
    SELECT
        weapon, supplier, recipient, round, stage,
        any_value(plover) AS plover,
        bool_and(background) AS background,
        min(reported_at) AS since,
        max(reported_at) AS last_reported,
        max(quantity) AS quantity,
        count(DISTINCT identity) AS articles,
        list_sort(list_distinct(list(outlet))) AS outlets,
        arg_min(article, (reported_at, article, span_start)) AS article,
        arg_min_null(url, (reported_at, article, span_start)) AS url,
        arg_min(sentence, (reported_at, article, span_start)) AS sentence,
        min((reported_at, article, span_start, stage)) AS place
    FROM rounds
    GROUP BY ALL
),
steps AS (
    SELECT * EXCLUDE (round, place), row_number() OVER (PARTITION BY weapon, supplier, recipient ORDER BY place) AS step
    FROM grouped
),
followed AS (
    SELECT
        *,
        CASE WHEN NOT background THEN lag(stage) OVER way END AS previous_stage,
        CASE WHEN NOT background THEN date_diff('day', lag(since) OVER way, since) END AS days_since_previous
    FROM steps
    WINDOW way AS (PARTITION BY weapon, supplier, recipient, background ORDER BY step)
)
SELECT
    s.weapon,
    w.name,
    s.supplier,
    s.recipient,
    s.step,
    s.stage,
    s.plover,
    s.background,
    s.previous_stage,
    s.days_since_previous,
    coalesce(
        (s.previous_stage IN ('refused', 'suspended', 'use_refused')
            AND s.stage IN ('pledged', 'delivered', 'use_permitted', 'used'))
        OR (s.previous_stage IN ('pledged', 'delivered', 'use_permitted')
            AND s.stage IN ('refused', 'suspended', 'use_refused')),
        false
    ) AS reversal,
    s.since,
    s.last_reported,
    s.quantity,
    s.articles,
    s.outlets,
    s.article,
    s.url,
    s.sentence
FROM followed AS s
LEFT JOIN weapons AS w ON w.id = s.weapon;
COMMENT ON VIEW weapon_timeline IS 'Each step of a transfer between a supplier and a recipient, by publication; all reports of one stage between two refusals or halts are one step';
COMMENT ON COLUMN weapon_timeline.weapon IS 'Slug of the weapon or class';
COMMENT ON COLUMN weapon_timeline.name IS 'Name';
COMMENT ON COLUMN weapon_timeline.supplier IS 'ISO 3166-1 alpha-2, or slug of a non-state actor; empty if no text says';
COMMENT ON COLUMN weapon_timeline.recipient IS 'The same for whoever receives or uses it';
COMMENT ON COLUMN weapon_timeline.step IS '1 for the first step between the two';
COMMENT ON COLUMN weapon_timeline.stage IS 'requested, considered, refused, pledged, delivered, suspended, use_permitted, use_refused or used';
COMMENT ON COLUMN weapon_timeline.plover IS 'PLOVER event type of the stage';
COMMENT ON COLUMN weapon_timeline.background IS 'Every report describes it as past: it was reached before the first report here';
COMMENT ON COLUMN weapon_timeline.previous_stage IS 'The stage before, among those that were news; empty for a step reported as past';
COMMENT ON COLUMN weapon_timeline.days_since_previous IS 'Days from the first report of the stage before to that of this one';
COMMENT ON COLUMN weapon_timeline.reversal IS 'A refusal or a halt became a yes, or a yes a refusal or a halt';
COMMENT ON COLUMN weapon_timeline.since IS 'First report of this step';
COMMENT ON COLUMN weapon_timeline.last_reported IS 'Last report of this step';
COMMENT ON COLUMN weapon_timeline.quantity IS 'Highest number of units any report gives';
COMMENT ON COLUMN weapon_timeline.articles IS 'Articles that report it, revisions of one counted once';
COMMENT ON COLUMN weapon_timeline.outlets IS 'Outlets that report it';
COMMENT ON COLUMN weapon_timeline.article IS 'The earliest article: articles.id';
COMMENT ON COLUMN weapon_timeline.url IS 'Its address';
COMMENT ON COLUMN weapon_timeline.sentence IS 'Its sentence';
