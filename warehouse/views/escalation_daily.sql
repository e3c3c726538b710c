CREATE OR REPLACE VIEW escalation_daily AS
WITH signals AS (
    SELECT article, side, kind, claim, severity FROM statements
    UNION ALL
    SELECT
        article,
        CASE WHEN stage IN ('requested', 'used') THEN recipient ELSE supplier END AS side,
        stage AS kind,
        claim,
        NULL AS severity
    FROM transfers
    WHERE NOT background
)
SELECT
    CAST(coalesce(a.published, a.seen) AS DATE) AS day,
    s.side,
    s.kind,
    count(*) AS signals,
    count(DISTINCT s.claim) AS claims,
    count(DISTINCT a.identity) AS articles,
    count(DISTINCT a.source) AS outlets,
    max(s.severity) AS severity
FROM signals AS s
JOIN articles AS a ON a.id = s.article
ANTI JOIN (FROM claims WHERE false_alarm) AS f ON f.id = s.claim
GROUP BY ALL;
COMMENT ON VIEW escalation_daily IS 'Statements and stages of transfers per day, side and kind; without false alarms and transfers reported as past';
COMMENT ON COLUMN escalation_daily.day IS 'Day of publication in UTC, or of the first sight if that is unknown';
COMMENT ON COLUMN escalation_daily.side IS 'Who spoke or acted; of requests and uses the recipient, of other stages the supplier';
COMMENT ON COLUMN escalation_daily.kind IS 'red_line, threat, commentary, or the stage of a transfer';
COMMENT ON COLUMN escalation_daily.signals IS 'Sentences that say so';
COMMENT ON COLUMN escalation_daily.claims IS 'Distinct claims among them';
COMMENT ON COLUMN escalation_daily.articles IS 'Articles, revisions of one counted once';
COMMENT ON COLUMN escalation_daily.outlets IS 'Outlets';
COMMENT ON COLUMN escalation_daily.severity IS 'Highest severity of a statement, 1 to 5';
