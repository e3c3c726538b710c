-- What whoever runs the monitor is told ---------------------------------------------------------------------------------

CREATE TABLE operator_lines (
    number BIGINT PRIMARY KEY,
    line VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    attempts INTEGER NOT NULL,
    error VARCHAR,
    recorded_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE operator_lines IS 'What the operator is told about the monitor itself, stored with what it reports until Slack has taken it';
COMMENT ON COLUMN operator_lines.number IS 'Their order';
COMMENT ON COLUMN operator_lines.line IS 'What the operator is told';
COMMENT ON COLUMN operator_lines.status IS 'queued, delivered (without Slack, to the log alone) or dead_letter (refused for good, or not taken within a day)';
COMMENT ON COLUMN operator_lines.attempts IS 'Attempts so far';
COMMENT ON COLUMN operator_lines.error IS 'Why the last attempt failed';
COMMENT ON COLUMN operator_lines.recorded_at IS 'When it was recorded, and written to the log';
COMMENT ON COLUMN operator_lines.changed_at IS 'When this row last changed';
