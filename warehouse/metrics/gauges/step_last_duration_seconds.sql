-- How long the last success of each step took
SELECT step, epoch(took) AS value FROM successes
