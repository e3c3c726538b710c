-- Weapon systems that some article has named, by whether the lexicon holds them
SELECT known, count(*) AS value FROM weapons WHERE specific GROUP BY known
