-- A view with parameters: the alerts that may be sent on a route at this moment, or were asked for there, with what
-- became of them before; and whether they may have been told before a restore, so long after it as there is doubt.
CREATE OR REPLACE MACRO owed_alerts(on_route, at_moment, in_doubt) AS TABLE
WITH owed AS (
    SELECT
        alerts.*, here.status IS NOT DISTINCT FROM 'queued' AS asked_for,
        coalesce(here.attempts, 0) AS attempts, here.receipt, here.error,
        CASE WHEN here.status IS DISTINCT FROM 'queued' THEN (
            SELECT min(data_until) FROM restores
            WHERE alerts.decided_at < restored_at + in_doubt
                AND coalesce(alerts.published <= restored_at, true)
        ) END AS perhaps_told_since
    FROM alerts
    LEFT JOIN deliveries AS here ON here.alert = alerts.id AND here.route = on_route
    WHERE (
            here.status = 'queued'
            OR alerts.status = 'pending' AND (alerts.not_before IS NULL OR alerts.not_before <= at_moment)
                AND alerts.suppressed IS NULL -- what was left to a digest goes with that
        )
        AND (here.retry_at IS NULL OR here.retry_at <= at_moment)
        AND NOT EXISTS (
            FROM deliveries AS other
            WHERE other.alert = alerts.id AND other.status = 'claimed' AND other.lease_until > at_moment
        )
        -- of one story nothing is said before what came first
        AND alerts.story NOT IN (
            SELECT earlier.story
            FROM deliveries AS held
            JOIN alerts AS earlier ON earlier.id = held.alert
            WHERE held.route = on_route
                AND earlier.status = 'pending'
                AND (held.retry_at > at_moment OR (held.status = 'claimed' AND held.lease_until > at_moment))
        )
),
told AS (
    SELECT alerts.story, arg_min(told.receipt, (told.changed_at, told.alert)) AS receipt
    FROM deliveries AS told
    JOIN alerts ON alerts.id = told.alert
    WHERE told.route = on_route AND told.status = 'delivered' AND alerts.story IN (SELECT story FROM owed)
    GROUP BY alerts.story
),
-- what this changes was told in a message of its own: not in a summary or digest of many stories
changed AS (
    SELECT owed.story, arg_max(before.receipt, (owed.severity, before.changed_at, before.alert)) AS receipt
    FROM owed
    JOIN alerts ON alerts.claim = owed.related
    JOIN deliveries AS before ON before.alert = alerts.id AND before.route = on_route
        AND before.status = 'delivered' AND before.receipt IS NOT NULL
    WHERE NOT alerts.backlog AND 1 = (
        SELECT count(DISTINCT beside.story)
        FROM deliveries AS same JOIN alerts AS beside ON beside.id = same.alert
        WHERE same.route = on_route AND same.receipt = before.receipt
    )
    GROUP BY owed.story
)
SELECT owed.*, coalesce(told.receipt, changed.receipt) AS parent
FROM owed LEFT JOIN told ON told.story = owed.story LEFT JOIN changed ON changed.story = owed.story;
