-- When each step last succeeded
SELECT step, epoch(latest) AS value FROM successes
