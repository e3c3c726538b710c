-- Daily and weekly digests ---------------------------------------------------------------------------------------------

CREATE TABLE digests (
    digest VARCHAR NOT NULL,
    route VARCHAR NOT NULL,
    days INTEGER NOT NULL,
    until TIMESTAMPTZ NOT NULL,
    status VARCHAR NOT NULL,
    attempts INTEGER NOT NULL,
    lease_until TIMESTAMPTZ,
    receipt VARCHAR,
    error VARCHAR,
    changed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (digest, route)
);
COMMENT ON TABLE digests IS 'Daily and weekly digests of alerts, one row for each place they were sent to';
COMMENT ON COLUMN digests.digest IS 'Id of the digest: of its days and its end';
COMMENT ON COLUMN digests.route IS 'Where it goes: terminal, slack, slack-webhook or a service';
COMMENT ON COLUMN digests.days IS 'How many days it is about';
COMMENT ON COLUMN digests.until IS 'When they end';
COMMENT ON COLUMN digests.status IS 'claimed, delivered, retry or dead_letter';
COMMENT ON COLUMN digests.attempts IS 'Attempts so far';
COMMENT ON COLUMN digests.lease_until IS 'Of a claimed one: until then it belongs to one sender';
COMMENT ON COLUMN digests.receipt IS 'Where it is, in the terms of the route';
COMMENT ON COLUMN digests.error IS 'Why the last attempt failed';
COMMENT ON COLUMN digests.changed_at IS 'When this row last changed';
