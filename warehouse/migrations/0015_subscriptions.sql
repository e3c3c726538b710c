-- WebSub: hubs that say when a feed has something new.
ALTER TABLE feeds ADD COLUMN hub VARCHAR;
ALTER TABLE feeds ADD COLUMN topic VARCHAR;
COMMENT ON COLUMN feeds.hub IS 'Address of the WebSub hub that the feed names';
COMMENT ON COLUMN feeds.topic IS 'Address by which that hub knows the feed';

CREATE TABLE subscriptions (
    feed VARCHAR PRIMARY KEY,
    hub VARCHAR NOT NULL,
    topic VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    attempts INTEGER NOT NULL,
    ask_at TIMESTAMPTZ NOT NULL,
    lease_until TIMESTAMPTZ,
    pushed_at TIMESTAMPTZ,
    error VARCHAR
);
COMMENT ON TABLE subscriptions IS 'What was asked of the hubs of feeds, and what they granted';
COMMENT ON COLUMN subscriptions.feed IS 'The feed: feeds.id';
COMMENT ON COLUMN subscriptions.hub IS 'The hub that was asked';
COMMENT ON COLUMN subscriptions.topic IS 'Address by which it knows the feed';
COMMENT ON COLUMN subscriptions.status IS 'asked, active or denied';
COMMENT ON COLUMN subscriptions.attempts IS 'Times it was asked since it last verified';
COMMENT ON COLUMN subscriptions.ask_at IS 'When it is asked next';
COMMENT ON COLUMN subscriptions.lease_until IS 'Until when it promised to say what is new';
COMMENT ON COLUMN subscriptions.pushed_at IS 'When it last did';
COMMENT ON COLUMN subscriptions.error IS 'Why it was not granted';
