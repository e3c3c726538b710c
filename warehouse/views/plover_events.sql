CREATE OR REPLACE VIEW plover_events AS
WITH reports AS (
    SELECT
        claim, plover, kind, side AS actor, speaker AS actor_text, NULL AS recipient, addressee AS recipient_text,
        NULL AS weapon, NULL AS quantity, severity, nuclear, quote AS sentence, article, span_start
    FROM statements
    WHERE kind <> 'commentary'
    UNION ALL
    SELECT
        claim, plover, stage,
        CASE WHEN stage IN ('requested', 'used') THEN recipient ELSE supplier END,
        CASE WHEN stage IN ('requested', 'used') THEN recipient_text ELSE supplier_text END,
        CASE stage WHEN 'requested' THEN supplier WHEN 'used' THEN NULL ELSE recipient END,
        CASE stage WHEN 'requested' THEN supplier_text WHEN 'used' THEN NULL ELSE recipient_text END,
        weapon, quantity, NULL, NULL, sentence, article, span_start
    FROM transfers
    WHERE NOT background
),
placed AS (
    SELECT
        r.*, a.identity, a.source AS outlet, a.ownership, a.url, coalesce(a.published, a.seen) AS reported_at,
        (coalesce(a.published, a.seen), a.id, r.span_start) AS place
    FROM reports AS r
    JOIN articles AS a ON a.id = r.article
    ANTI JOIN (FROM claims WHERE false_alarm) AS f ON f.id = r.claim
    WHERE r.claim IS NOT NULL
)
SELECT
    claim AS event_id,
    CAST(min(reported_at) AS DATE) AS event_date,
    arg_min(plover, place) AS event_type,
    arg_min(kind, place) AS kind,
    arg_min_null(actor, place) AS actor,
    arg_min_null(actor_text, place) AS actor_text,
    arg_min_null(recipient, place) AS recipient,
    arg_min_null(recipient_text, place) AS recipient_text,
    ['military'] AS contexts,
    arg_min_null(weapon, place) AS weapon,
    max(quantity) AS quantity,
    max(severity) AS severity,
    bool_or(nuclear) AS nuclear,
    arg_min(sentence, place) AS sentence,
    arg_min(article, place) AS article,
    arg_min_null(url, place) AS url,
    arg_min_null(outlet, place) AS outlet,
    arg_min_null(ownership, place) AS ownership,
    count(DISTINCT identity) AS articles,
    count(DISTINCT outlet) AS outlets
FROM placed
GROUP BY claim;
COMMENT ON VIEW plover_events IS 'Each claim once as an event of the ontology PLOVER: who does what to whom, on the day of the earliest report; commentary, false alarms and what is only reported as past left out';
COMMENT ON COLUMN plover_events.event_id IS 'The claim: claims.id';
COMMENT ON COLUMN plover_events.event_date IS 'Day of the earliest report in UTC';
COMMENT ON COLUMN plover_events.event_type IS 'PLOVER event type: THREATEN, REQUEST, CONSULT, REJECT, AGREE, AID, SANCTION, CONCEDE or ASSAULT';
COMMENT ON COLUMN plover_events.kind IS 'The same more narrowly, as nobody else tells it: red_line, threat, or the stage of a transfer';
COMMENT ON COLUMN plover_events.actor IS 'Who speaks, gives, refuses, asks for or uses: ISO 3166-1 alpha-2, or slug of an organisation';
COMMENT ON COLUMN plover_events.actor_text IS 'The speaker, or the actor as the article writes it';
COMMENT ON COLUMN plover_events.recipient IS 'To whom it is done; of a request who is asked; empty for statements and uses';
COMMENT ON COLUMN plover_events.recipient_text IS 'To whom a statement is said, or the recipient as the article writes it';
COMMENT ON COLUMN plover_events.contexts IS 'PLOVER contexts';
COMMENT ON COLUMN plover_events.weapon IS 'Slug of the weapon or class';
COMMENT ON COLUMN plover_events.quantity IS 'Highest number of units any report gives';
COMMENT ON COLUMN plover_events.severity IS 'Of a statement, the highest of any report, 1 to 5';
COMMENT ON COLUMN plover_events.nuclear IS 'Of a statement: some report speaks of nuclear weapons or war';
COMMENT ON COLUMN plover_events.sentence IS 'The sentence of the earliest report';
COMMENT ON COLUMN plover_events.article IS 'That article: articles.id';
COMMENT ON COLUMN plover_events.url IS 'Its address';
COMMENT ON COLUMN plover_events.outlet IS 'Its outlet';
COMMENT ON COLUMN plover_events.ownership IS 'Who owns that outlet: state, public or private';
COMMENT ON COLUMN plover_events.articles IS 'Articles that report it, revisions of one counted once';
COMMENT ON COLUMN plover_events.outlets IS 'Outlets that report it';
