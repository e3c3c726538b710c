-- The distance that chance exceeds once in a hundred times (Smirnov), if statements are independent; 1 between too few to tell
SELECT
    least(coalesce(1.628 * sqrt(1 / nullif(count(*) FILTER (recent), 0) + 1 / nullif(count(*) FILTER (NOT recent), 0)), 1), 1)
    AS value
FROM scores
