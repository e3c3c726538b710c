-- A view with parameters: the claims are followed from the messages of a few days, never from all that were ever sent.
CREATE OR REPLACE MACRO messages_to_refresh(on_route, changed_since) AS TABLE
WITH RECURSIVE corrected_since AS (
    SELECT receipt FROM deliveries JOIN alerts ON alerts.id = deliveries.alert
    WHERE alerts.claim IN (SELECT claim FROM corrections)
),
sent AS (
    SELECT here.receipt, here.alert, here.reports, here.false_alarms, here.corrections, here.changed_at,
        alerts.claim, alerts.article, alerts.story, alerts.headline
    FROM deliveries AS here JOIN alerts ON alerts.id = here.alert
    WHERE here.route = on_route AND here.status = 'delivered' AND here.receipt IS NOT NULL
        AND NOT alerts.backlog
        AND (here.changed_at >= changed_since OR here.receipt IN (FROM corrected_since))
),
same_claims(receipt, headline, id) AS (
    SELECT receipt, headline, claim FROM sent
    UNION SELECT receipt, headline, merged_into FROM claims JOIN same_claims USING (id)
    WHERE claims.merged_into IS NOT NULL
),
false_alarms_of AS (
    SELECT
        receipt,
        list({'headline': headline, 'made_by': made_by, 'reason': reason} ORDER BY headline) AS false_alarms
    FROM same_claims JOIN corrections ON corrections.claim = same_claims.id
    WHERE corrections.kind = 'false_positive' AND corrections.other IS NULL AND undone_at IS NULL
    GROUP BY receipt
),
-- corrections that leave the alert standing: of what it says, or of one report among several
standing_corrections AS (
    SELECT
        same_claims.receipt, corrections.id, any_value(corrections.kind) AS kind,
        any_value(coalesce(corrections.speaker, corrections.value)) AS value,
        any_value(corrections.made_by) AS made_by, any_value(corrections.reason) AS reason,
        any_value(corrections.made_at) AS made_at, min(was.headline) AS was
    FROM same_claims
    JOIN corrections ON corrections.claim = same_claims.id AND undone_at IS NULL
        AND (kind NOT IN ('false_positive', 'merge', 'split') OR kind = 'false_positive' AND other IS NOT NULL)
    LEFT JOIN (
        SELECT sent.receipt, old.correction, old.headline
        FROM corrected_alerts AS old JOIN sent ON sent.alert = old.alert
    ) AS was ON was.receipt = same_claims.receipt AND was.correction = corrections.id
    GROUP BY same_claims.receipt, corrections.id
),
corrections_of AS (
    SELECT
        receipt,
        list(
            {'id': id, 'kind': kind, 'value': value, 'made_by': made_by, 'reason': reason, 'was': was}
            ORDER BY made_at, id
        ) AS fixed,
        string_agg(id, ' ' ORDER BY id) AS ids
    FROM standing_corrections GROUP BY receipt
),
reported AS (
    SELECT claim, article FROM statements WHERE claim IN (SELECT id FROM same_claims)
    UNION SELECT claim, article FROM transfers WHERE claim IN (SELECT id FROM same_claims)
    UNION SELECT claim, article FROM weapon_mentions WHERE claim IN (SELECT id FROM same_claims)
),
put_into_words AS (
    SELECT receipt, min(words) AS words FROM same_claims JOIN claims USING (id)
    WHERE words IS NOT NULL GROUP BY receipt
),
-- a revision counts until the one that replaced it has been read
superseded AS (
    SELECT id FROM articles WHERE superseded_by IN (SELECT id FROM articles WHERE read_by IS NOT NULL)
),
carried_by AS (
    SELECT same_claims.receipt, list(DISTINCT articles.id) AS articles
    FROM same_claims JOIN reported ON reported.claim = same_claims.id JOIN articles ON articles.id = reported.article
    WHERE articles.id NOT IN (SELECT id FROM superseded) AND articles.source IS NOT NULL
    GROUP BY same_claims.receipt
),
event_reports_of AS (
    SELECT
        sent.receipt, count(DISTINCT articles.identity) AS reports, count(DISTINCT articles.source) AS outlets
    FROM sent
    JOIN event_reports AS mine ON mine.article = sent.article
    JOIN event_reports AS other ON other.event = mine.event AND other.article <> mine.article
    JOIN articles ON articles.id = other.article AND articles.superseded_by IS NULL
    JOIN carried_by ON carried_by.receipt = sent.receipt AND NOT list_contains(carried_by.articles, other.article)
    WHERE articles.source IS NOT NULL
    GROUP BY sent.receipt
)
SELECT
    sent.receipt, list(sent.alert ORDER BY sent.alert) AS alerts,
    coalesce(any_value(carried_by.articles), []) AS articles,
    bool_and(sent.article IN (SELECT id FROM superseded)) AS withdrawn,
    coalesce(any_value(false_alarms_of.false_alarms), []) AS false_alarms,
    coalesce(any_value(corrections_of.fixed), []) AS fixed,
    any_value(put_into_words.words) AS words,
    coalesce(any_value(event_reports_of.reports), 0) AS also_reports, coalesce(any_value(event_reports_of.outlets), 0) AS also_outlets,
    max(sent.changed_at) AS last_changed_at
FROM sent
LEFT JOIN carried_by ON carried_by.receipt = sent.receipt
LEFT JOIN false_alarms_of ON false_alarms_of.receipt = sent.receipt
LEFT JOIN corrections_of ON corrections_of.receipt = sent.receipt
LEFT JOIN put_into_words ON put_into_words.receipt = sent.receipt
LEFT JOIN event_reports_of ON event_reports_of.receipt = sent.receipt
GROUP BY sent.receipt
HAVING count(DISTINCT sent.story) = 1 AND (
    coalesce(min(sent.reports), 1)
        <> len(coalesce(any_value(carried_by.articles), [])) + coalesce(any_value(event_reports_of.reports), 0)
    OR coalesce(min(sent.false_alarms), 0) <> len(coalesce(any_value(false_alarms_of.false_alarms), []))
    OR coalesce(min(sent.corrections), '') <> coalesce(any_value(corrections_of.ids), '')
);
