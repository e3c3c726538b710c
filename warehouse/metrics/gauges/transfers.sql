-- Transfers found in articles, by stage
SELECT stage, count(*) AS value FROM transfers GROUP BY stage
