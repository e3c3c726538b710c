-- Acts of speech first reported in the period, each once, with what their earliest report says beside the view.
SELECT
    u.claim, u.utterance, u.kind, u.side, u.speaker, s.speaker_id, s.role, n.addressee, s.condition, s.consequence,
    s.explicit, s.relayed_by, u.quote, u.severity, u.nuclear, s.rung, u.first_reported,
    u.articles, len(u.outlets) AS outlets, u.independent_outlets,
    a.title, a.source AS outlet, a.ownership, a.url, e.event
FROM utterances AS u
JOIN articles AS a ON a.id = u.origin
LEFT JOIN event_reports AS e ON e.article = a.id
LEFT JOIN statements AS s ON s.claim = u.claim AND s.article = u.origin
LEFT JOIN (
    SELECT t.claim, arg_min_null(t.addressee, (coalesce(b.published, b.seen), b.id, t.span_start)) AS addressee
    FROM statements AS t JOIN articles AS b ON b.id = t.article
    WHERE t.addressee IS NOT NULL
    GROUP BY t.claim
) AS n ON n.claim = u.claim
WHERE u.first_reported BETWEEN getvariable('since') AND getvariable('until')
QUALIFY row_number() OVER (PARTITION BY u.claim, u.utterance ORDER BY s.span_start) = 1
ORDER BY u.first_reported, u.claim, u.utterance
