-- Back-ups that were put in the place of the warehouse ----------------------------------------------------------------

CREATE TABLE restores (
    restored_at TIMESTAMPTZ NOT NULL,
    data_until TIMESTAMPTZ NOT NULL,
    source VARCHAR NOT NULL
);
COMMENT ON TABLE restores IS 'Times a back-up took the place of the warehouse: what was told in between is not remembered, and looked up before it is sent';
COMMENT ON COLUMN restores.restored_at IS 'When';
COMMENT ON COLUMN restores.data_until IS 'The last moment that the back-up remembers';
COMMENT ON COLUMN restores.source IS 'The file of the back-up';
COMMENT ON COLUMN alerts.status IS 'pending, delivered, suppressed, held (may have been told before a restore; brinkwatch alerts resend sends it) or poison';
COMMENT ON COLUMN deliveries.status IS 'queued (to be sent again), claimed (somebody is sending it), delivered, retry, held (may have been told before a restore) or poison (refused for good)';
