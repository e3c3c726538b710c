-- Red lines that were drawn, repeated, sharpened, softened, dismissed or crossed in the period.
SELECT l.*, r.speaker_id, a.title, a.source AS outlet, a.ownership, a.url
FROM red_line_ledger AS l
JOIN red_lines AS r ON r.id = l.red_line
JOIN articles AS a ON a.id = l.article
ANTI JOIN (FROM claims WHERE false_alarm) AS f ON f.id = l.red_line
WHERE l.red_line IN (
    SELECT red_line FROM claim_history
    WHERE event <> 'followed' AND happened_at BETWEEN getvariable('since') AND getvariable('until')
)
ORDER BY l.first_said, l.red_line
