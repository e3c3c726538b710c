-- Statements found in articles, by kind: red_line, threat or commentary
SELECT kind, count(*) AS value FROM statements GROUP BY kind
