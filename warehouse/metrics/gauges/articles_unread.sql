-- Articles that wait to be read
SELECT count(*) AS value FROM articles WHERE read_by IS NULL AND superseded_by IS NULL
