CREATE OR REPLACE VIEW red_line_ledger AS
WITH named AS (
    SELECT DISTINCT s.claim, m.weapon
    FROM statements AS s
    JOIN weapon_mentions AS m
        ON m.article = s.article AND m.span_start >= s.span_start AND m.span_end <= s.span_end
    JOIN weapons AS w ON w.id = m.weapon AND w.specific
),
crossings AS (
    SELECT
        r.id,
        t.weapon || ' ' || t.stage || coalesce(' ' || t.recipient, '') AS what,
        coalesce(a.published, a.seen) AS reported_at,
        a.id AS article
    FROM red_lines AS r
    JOIN named AS n ON n.claim = r.id
    JOIN transfers AS t ON t.weapon = n.weapon AND t.stage IN ('delivered', 'use_permitted', 'used')
        AND NOT t.background
    JOIN articles AS a ON a.id = t.article
    ANTI JOIN (FROM claims WHERE false_alarm) AS f ON f.id = t.claim
    WHERE coalesce(a.published, a.seen) > r.first_said
        AND t.recipient IS DISTINCT FROM r.side
        AND t.supplier IS DISTINCT FROM r.side
)
SELECT
    r.id AS red_line,
    r.side,
    r.speaker,
    r.condition,
    r.consequence,
    r.quote,
    r.explicit,
    r.nuclear,
    r.severity,
    r.first_said,
    r.last_said,
    r.times_said,
    r.outlets,
    r.article,
    list_sort(list_distinct(list(n.weapon) FILTER (n.weapon IS NOT NULL))) AS weapons,
    (SELECT min(c.reported_at) FROM crossings AS c WHERE c.id = r.id) AS crossed_at,
    (SELECT arg_min(c.what, (c.reported_at, c.article, c.what)) FROM crossings AS c WHERE c.id = r.id) AS crossed_by,
    (SELECT arg_min(c.article, (c.reported_at, c.article, c.what)) FROM crossings AS c WHERE c.id = r.id)
        AS crossed_in_article
FROM red_lines AS r
LEFT JOIN named AS n ON n.claim = r.id
GROUP BY ALL;
COMMENT ON VIEW red_line_ledger IS 'Each red line: who drew it, when it was repeated, by how many outlets, and what crossed it; by publication';
COMMENT ON COLUMN red_line_ledger.red_line IS 'Its id: red_lines.id';
COMMENT ON COLUMN red_line_ledger.side IS 'Who drew it: ISO 3166-1 alpha-2, or slug of an organisation';
COMMENT ON COLUMN red_line_ledger.speaker IS 'Who said it first';
COMMENT ON COLUMN red_line_ledger.condition IS 'The act that would cross it';
COMMENT ON COLUMN red_line_ledger.consequence IS 'What crossing it would bring';
COMMENT ON COLUMN red_line_ledger.quote IS 'The sentence that draws it, in the earliest report';
COMMENT ON COLUMN red_line_ledger.explicit IS 'Some report says "red line"';
COMMENT ON COLUMN red_line_ledger.nuclear IS 'Some report speaks of nuclear weapons or war';
COMMENT ON COLUMN red_line_ledger.severity IS 'Highest severity of any report, 1 to 5';
COMMENT ON COLUMN red_line_ledger.first_said IS 'When the earliest report was published, or seen if that is unknown';
COMMENT ON COLUMN red_line_ledger.last_said IS 'When the latest was';
COMMENT ON COLUMN red_line_ledger.times_said IS 'Articles that report it, revisions of one counted once';
COMMENT ON COLUMN red_line_ledger.outlets IS 'Outlets that report it';
COMMENT ON COLUMN red_line_ledger.article IS 'The earliest article: articles.id';
COMMENT ON COLUMN red_line_ledger.weapons IS 'Weapon systems it mentions';
COMMENT ON COLUMN red_line_ledger.crossed_at IS 'First later report that one of them was delivered, permitted for use or used by another side';
COMMENT ON COLUMN red_line_ledger.crossed_by IS 'What that report says: weapon, stage and recipient';
COMMENT ON COLUMN red_line_ledger.crossed_in_article IS 'That report: articles.id';
