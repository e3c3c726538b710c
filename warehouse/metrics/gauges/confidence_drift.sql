-- How far the confidence of statements of the last 7 days is from that of the 30 days before: the distance of Kolmogorov and Smirnov, 0 to 1
WITH counted AS (
    SELECT confidence, count(*) FILTER (recent) AS here, count(*) FILTER (NOT recent) AS there
    FROM scores GROUP BY confidence
),
cumulative AS (
    SELECT
        sum(here) OVER up_to / nullif(sum(here) OVER (), 0) AS here,
        sum(there) OVER up_to / nullif(sum(there) OVER (), 0) AS there
    FROM counted WINDOW up_to AS (ORDER BY confidence)
)
SELECT coalesce(max(abs(here - there)), 0) AS value FROM cumulative
