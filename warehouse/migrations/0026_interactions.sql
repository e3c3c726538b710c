-- What people asked for in Slack ---------------------------------------------------------------------------------------

CREATE TABLE interactions (
    id VARCHAR PRIMARY KEY,
    action VARCHAR NOT NULL,
    user_id VARCHAR NOT NULL,
    user_name VARCHAR NOT NULL,
    channel VARCHAR NOT NULL,
    thread VARCHAR,
    alert VARCHAR,
    words VARCHAR,
    outcome VARCHAR NOT NULL,
    answer VARCHAR NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    answered_at TIMESTAMPTZ
);
COMMENT ON TABLE interactions IS 'Who did what in Slack: each click of a button and each command once, in the transaction of what it did';
COMMENT ON COLUMN interactions.id IS 'Id of the interaction: of who asked for what, and when, by the ids that Slack gives them';
COMMENT ON COLUMN interactions.action IS 'mute, false_positive, who, why or search';
COMMENT ON COLUMN interactions.user_id IS 'Slack id of the person';
COMMENT ON COLUMN interactions.user_name IS 'Name of the person in Slack at that time';
COMMENT ON COLUMN interactions.channel IS 'Slack id of the channel';
COMMENT ON COLUMN interactions.thread IS 'Of a button: the message it stands in, or the first of its thread';
COMMENT ON COLUMN interactions.alert IS 'Of a button: the alert, alerts.id';
COMMENT ON COLUMN interactions.words IS 'Of a search: what was looked for';
COMMENT ON COLUMN interactions.outcome IS 'done, refused (the person may not) or nothing (there was nothing to do)';
COMMENT ON COLUMN interactions.answer IS 'What the person was told';
COMMENT ON COLUMN interactions.asked_at IS 'When it was asked for';
COMMENT ON COLUMN interactions.answered_at IS 'When the person was told; empty where that is still to be done';
