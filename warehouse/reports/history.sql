-- Everything that became of those red lines, with its source; of what followed, the 20 most severe and earliest.
WITH told AS (
    SELECT h.*, a.title, a.source AS outlet, a.ownership, a.url
    FROM claim_history AS h
    JOIN articles AS a ON a.id = h.article
    WHERE h.red_line IN (
        SELECT red_line FROM claim_history
        WHERE event <> 'followed' AND happened_at BETWEEN getvariable('since') AND getvariable('until')
    )
)
SELECT *, count(*) OVER (PARTITION BY red_line, event) AS times
FROM told
QUALIFY event <> 'followed'
    OR row_number() OVER (PARTITION BY red_line, event ORDER BY severity DESC NULLS LAST, happened_at, what) <= 20
ORDER BY red_line, happened_at, event, what
