-- Alerts that wait to be sent, without those held back by quiet hours
SELECT count(*) AS value FROM owed
