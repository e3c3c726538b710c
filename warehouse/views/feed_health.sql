CREATE OR REPLACE VIEW feed_health AS
WITH latest AS (
    SELECT
        f.feed,
        count(*) FILTER (f.outcome IN ('updated', 'unchanged')) AS successes,
        count(*) FILTER (f.outcome IN ('failed', 'gone')) AS failures,
        sum(f.new_entries) AS new_entries,
        median(f.duration_s) AS median_duration_s,
        count(*) FILTER (f.outcome <> 'postponed') AS requests,
        sum(f.wire_bytes) AS wire_bytes,
        -- at least a day, so that the first hour of a feed does not count for twenty-four
        greatest(date_diff('second', min(f.started_at), max(f.started_at)) / 86400, 1) AS days
    FROM fetches AS f
    JOIN feeds AS d ON d.id = f.feed
    WHERE f.started_at > d.last_fetched_at - INTERVAL 7 DAY
    GROUP BY f.feed
),
held AS (
    SELECT feed, count(DISTINCT identity) AS articles, max(published) AS latest_published FROM articles GROUP BY feed
)
SELECT
    d.id AS feed,
    d.outlet,
    d.ownership,
    d.health,
    d.url,
    d.last_fetched_at,
    d.last_success_at,
    d.last_new_at,
    d.next_due_at,
    d.consecutive_failures,
    d.last_error,
    d.overlap,
    d.missed_alarms,
    d.lying_304,
    coalesce(l.successes, 0) AS successes_7d,
    coalesce(l.failures, 0) AS failures_7d,
    coalesce(l.new_entries, 0) AS new_entries_7d,
    l.median_duration_s,
    d.tier,
    d.interval_s,
    round(l.requests / l.days)::BIGINT AS requests_a_day,
    round(l.wire_bytes / l.days)::BIGINT AS bytes_a_day,
    s.status AS hub_status,
    s.lease_until AS hub_lease_until,
    s.pushed_at AS hub_pushed_at,
    coalesce(h.articles, 0) AS articles,
    h.latest_published
FROM feeds AS d
LEFT JOIN latest AS l ON l.feed = d.id
LEFT JOIN held AS h ON h.feed = d.id
LEFT JOIN subscriptions AS s ON s.feed = d.id;
COMMENT ON VIEW feed_health IS 'How each feed is doing';
COMMENT ON COLUMN feed_health.feed IS 'The feed: feeds.id';
COMMENT ON COLUMN feed_health.outlet IS 'The outlet';
COMMENT ON COLUMN feed_health.ownership IS 'Who owns it: state, public or private';
COMMENT ON COLUMN feed_health.health IS 'new, ok, failing, quiet or gone';
COMMENT ON COLUMN feed_health.url IS 'Address it is fetched from';
COMMENT ON COLUMN feed_health.last_fetched_at IS 'Last attempt';
COMMENT ON COLUMN feed_health.last_success_at IS 'Last attempt that succeeded';
COMMENT ON COLUMN feed_health.last_new_at IS 'Last time it brought something new';
COMMENT ON COLUMN feed_health.next_due_at IS 'When it is polled next';
COMMENT ON COLUMN feed_health.consecutive_failures IS 'Failures since the last success';
COMMENT ON COLUMN feed_health.last_error IS 'Why the last failed attempt failed';
COMMENT ON COLUMN feed_health.overlap IS 'Share of the entries of the last poll that were known';
COMMENT ON COLUMN feed_health.missed_alarms IS 'How often entries may have been missed between two polls';
COMMENT ON COLUMN feed_health.lying_304 IS 'How often the server said "not modified" although the body had changed';
COMMENT ON COLUMN feed_health.successes_7d IS 'Attempts that succeeded in the seven days before the last one';
COMMENT ON COLUMN feed_health.failures_7d IS 'Attempts that failed in those days';
COMMENT ON COLUMN feed_health.new_entries_7d IS 'New entries in those days';
COMMENT ON COLUMN feed_health.median_duration_s IS 'Median seconds of an attempt in those days';
COMMENT ON COLUMN feed_health.tier IS 'How soon its entries should be noticed: flash (1 minute), fast (5), normal (15), slow (2 hours)';
COMMENT ON COLUMN feed_health.interval_s IS 'Seconds from the last poll to the next, as decided after it';
COMMENT ON COLUMN feed_health.requests_a_day IS 'Polls per day in those days, without pages of articles';
COMMENT ON COLUMN feed_health.bytes_a_day IS 'Bytes received per day in those days, before decompression';
COMMENT ON COLUMN feed_health.hub_status IS 'Status of the subscription at its WebSub hub: asked, active or denied; empty if there is none';
COMMENT ON COLUMN feed_health.hub_lease_until IS 'Until when the hub promised to announce what is new';
COMMENT ON COLUMN feed_health.hub_pushed_at IS 'When it last announced something';
COMMENT ON COLUMN feed_health.articles IS 'Articles stored from it, revisions of one counted once';
COMMENT ON COLUMN feed_health.latest_published IS 'When the latest of them was published';
