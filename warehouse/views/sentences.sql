CREATE OR REPLACE VIEW sentences AS
WITH found AS (
    SELECT
        kind, id, claim, article, speaker, side, addressee, NULL AS weapon, quote, severity, span_start, span_end
    FROM statements
    UNION ALL
    SELECT stage, id, claim, article, said_by, supplier, recipient, weapon, sentence, NULL, span_start, span_end
    FROM transfers
)
SELECT
    f.kind, f.id AS signal, f.claim, f.speaker AS who, f.side, f.addressee, f.weapon, f.quote AS sentence, f.severity,
    f.span_start, f.span_end, f.article, a.story, a.title, a.source AS outlet, a.ownership, a.url,
    coalesce(a.published, a.seen) AS reported_at
FROM found AS f
JOIN articles AS a ON a.id = f.article AND a.superseded_by IS NULL
ANTI JOIN (FROM claims WHERE false_alarm) AS w ON w.id = f.claim
UNION ALL
SELECT
    'article', id, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, id, story, title, source, ownership, url, coalesce(published, seen)
FROM articles
WHERE superseded_by IS NULL;
COMMENT ON VIEW sentences IS 'What search looks through: each sentence in which something was found, and the title of every article; false alarms and replaced revisions left out';
COMMENT ON COLUMN sentences.kind IS 'red_line, threat, commentary, the stage of a transfer, or article for a title alone';
COMMENT ON COLUMN sentences.signal IS 'statements.id, transfers.id or articles.id';
COMMENT ON COLUMN sentences.claim IS 'The claim it makes: claims.id; empty for commentary and titles';
COMMENT ON COLUMN sentences.who IS 'Who says so';
COMMENT ON COLUMN sentences.side IS 'Of a statement whose it is, of a transfer the supplier: ISO 3166-1 alpha-2, or slug of an organisation';
COMMENT ON COLUMN sentences.addressee IS 'Of a statement the name of those it is said to, of a transfer the id of the recipient';
COMMENT ON COLUMN sentences.weapon IS 'Of a transfer: slug of the weapon or class';
COMMENT ON COLUMN sentences.sentence IS 'The sentence or clause; empty for a title';
COMMENT ON COLUMN sentences.severity IS 'Of a statement, 1 to 5';
COMMENT ON COLUMN sentences.span_start IS 'First code point of the sentence in the document';
COMMENT ON COLUMN sentences.span_end IS 'Code point after it';
COMMENT ON COLUMN sentences.article IS 'The article: articles.id';
COMMENT ON COLUMN sentences.story IS 'The text it is a copy of, or the first of: stories.id';
COMMENT ON COLUMN sentences.title IS 'Headline of the article';
COMMENT ON COLUMN sentences.outlet IS 'Its outlet';
COMMENT ON COLUMN sentences.ownership IS 'Who owns that outlet: state, public or private';
COMMENT ON COLUMN sentences.url IS 'Address of the article';
COMMENT ON COLUMN sentences.reported_at IS 'When it was published, or seen where that is unknown';
