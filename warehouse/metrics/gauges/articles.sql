-- Articles stored, every revision of each
SELECT count(*) AS value FROM articles
