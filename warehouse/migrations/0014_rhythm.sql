-- Feeds are polled by a latency objective: what is needed for it besides the interval.
ALTER TABLE feeds ADD COLUMN tier VARCHAR;
ALTER TABLE feeds ADD COLUMN rhythm DOUBLE[];
ALTER TABLE feeds ADD COLUMN unchanged_bytes BIGINT;
COMMENT ON COLUMN feeds.tier IS 'How soon its entries are to be noticed: flash (1 minute), fast (5), normal (15), slow (2 hours)';
COMMENT ON COLUMN feeds.rhythm IS 'Entries an hour in each hour of the day in UTC, as learned';
COMMENT ON COLUMN feeds.unchanged_bytes IS 'Bytes of the last answer that brought nothing; 0 where the server says "not modified"';
