-- What is told of the monitor itself ----------------------------------------------------------------------------------

CREATE TABLE notices (
    subject VARCHAR PRIMARY KEY,
    notice VARCHAR NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    told_at TIMESTAMPTZ,
    over_at TIMESTAMPTZ
);
COMMENT ON TABLE notices IS 'What was wrong with the monitor itself, the latest of each sort';
COMMENT ON COLUMN notices.subject IS 'What it is about: ingest, detect, notify, articles, signals, clock, serve, or a deployment';
COMMENT ON COLUMN notices.notice IS 'What the operator is told';
COMMENT ON COLUMN notices.seen_at IS 'When it was first seen';
COMMENT ON COLUMN notices.told_at IS 'When the operator was last told; empty: not yet, it may pass';
COMMENT ON COLUMN notices.over_at IS 'When it was over; empty while it lasts';

ALTER TABLE fetches ADD COLUMN clock_off_s DOUBLE;
COMMENT ON COLUMN fetches.clock_off_s IS 'Seconds by which this machine''s clock was ahead of the server''s; empty where the server did not say';
