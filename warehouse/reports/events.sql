-- Events reported in the period on which something was said or done, the most widely reported first.
SELECT event, title, first_reported, last_reported, articles, texts, len(outlets) AS outlets, anchors, claims
FROM events
WHERE last_reported >= getvariable('since') AND first_reported <= getvariable('until')
ORDER BY len(outlets) DESC, articles DESC, first_reported DESC, event
