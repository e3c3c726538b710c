-- How far each archive was read -----------------------------------------------------------------------------------------

CREATE TABLE backfills (
    archive VARCHAR PRIMARY KEY,
    name VARCHAR NOT NULL,
    records BIGINT NOT NULL,
    articles BIGINT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ
);
COMMENT ON TABLE backfills IS 'Archives that brinkwatch backfill has read, and how far';
COMMENT ON COLUMN backfills.archive IS 'Hash of its size and its first megabyte';
COMMENT ON COLUMN backfills.name IS 'Name of the file';
COMMENT ON COLUMN backfills.records IS 'Records of it that are done, from its beginning: lines, rows or records of a WARC';
COMMENT ON COLUMN backfills.articles IS 'Articles stored from it';
COMMENT ON COLUMN backfills.started_at IS 'When the first of it was stored';
COMMENT ON COLUMN backfills.changed_at IS 'When the last of it was stored';
COMMENT ON COLUMN backfills.finished_at IS 'When its end was reached; empty until then';
