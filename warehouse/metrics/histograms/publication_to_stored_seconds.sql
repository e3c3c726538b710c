-- From the publication of an article until it was stored, of all that are no backlog
SELECT by_delay(epoch(seen - published)) AS counts, sum(epoch(seen - published)) AS sum
FROM articles WHERE NOT backlog AND published IS NOT NULL
