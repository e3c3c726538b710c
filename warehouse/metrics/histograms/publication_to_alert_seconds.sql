-- From the publication of an article until an alert on it was delivered, of all that are no backlog
WITH delivered AS (
    SELECT epoch(min(changed_at) - any_value(published)) AS seconds
    FROM alerts JOIN deliveries ON deliveries.alert = alerts.id
    WHERE deliveries.status = 'delivered' AND NOT backlog AND published IS NOT NULL
    GROUP BY alerts.id
)
SELECT by_delay(seconds) AS counts, sum(seconds) AS sum FROM delivered
