-- How sure the reader was of each statement
SELECT
    histogram(confidence, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]::DOUBLE[]) AS counts, sum(confidence) AS sum
FROM statements
