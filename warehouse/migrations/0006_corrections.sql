-- What analysts know better ------------------------------------------------------------------------------------------

CREATE TABLE corrections (
    id VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    claim VARCHAR NOT NULL,
    other VARCHAR,
    speaker VARCHAR,
    speaker_id VARCHAR,
    side VARCHAR,
    reason VARCHAR NOT NULL,
    made_by VARCHAR NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    undone_at TIMESTAMPTZ
);
COMMENT ON TABLE corrections IS 'What analysts corrected with brinkwatch correct; kept for good, also when articles are read again';
COMMENT ON COLUMN corrections.id IS 'Id of the correction';
COMMENT ON COLUMN corrections.kind IS 'false_positive, merge, split or speaker';
COMMENT ON COLUMN corrections.claim IS 'The claim it is about; of a merge the one that stays: claims.id';
COMMENT ON COLUMN corrections.other IS 'Of a merge the claim that joined it, of a split the claim that left it: claims.id';
COMMENT ON COLUMN corrections.speaker IS 'Of a speaker: who said it';
COMMENT ON COLUMN corrections.speaker_id IS 'Slug of that speaker';
COMMENT ON COLUMN corrections.side IS 'Whom that speaker speaks for';
COMMENT ON COLUMN corrections.reason IS 'Why, in the words of whoever made it';
COMMENT ON COLUMN corrections.made_by IS 'Who made it';
COMMENT ON COLUMN corrections.made_at IS 'When';
COMMENT ON COLUMN corrections.undone_at IS 'When it was taken back; empty while it holds';

CREATE TABLE corrected (
    correction VARCHAR NOT NULL,
    signal VARCHAR NOT NULL,
    article VARCHAR NOT NULL,
    span_start INTEGER NOT NULL,
    span_end INTEGER NOT NULL,
    speaker VARCHAR,
    speaker_id VARCHAR,
    side VARCHAR
);
COMMENT ON TABLE corrected IS 'The places that a correction is about: an article revision never changes, so they outlast every reading of it';
COMMENT ON COLUMN corrected.correction IS 'The correction: corrections.id';
COMMENT ON COLUMN corrected.signal IS 'Table of the signal: statements, transfers or weapon_mentions';
COMMENT ON COLUMN corrected.article IS 'The article: articles.id';
COMMENT ON COLUMN corrected.span_start IS 'First code point of the signal when it was corrected; what overlaps it later is the same signal';
COMMENT ON COLUMN corrected.span_end IS 'Code point after it';
COMMENT ON COLUMN corrected.speaker IS 'Of a speaker: who was taken for it before';
COMMENT ON COLUMN corrected.speaker_id IS 'Slug of that speaker';
COMMENT ON COLUMN corrected.side IS 'Whom that speaker speaks for';

ALTER TABLE claims ADD COLUMN false_alarm BOOLEAN DEFAULT false;
COMMENT ON COLUMN claims.false_alarm IS 'An analyst marked it as a false positive: it counts nowhere, and only copies of its articles still join it';

ALTER TABLE wordings ADD COLUMN misread BOOLEAN DEFAULT false;
COMMENT ON COLUMN wordings.misread IS 'An analyst found it misread: only a near copy of it is still the same claim';

ALTER TABLE deliveries ADD COLUMN false_alarms INTEGER;
COMMENT ON COLUMN deliveries.false_alarms IS 'How many alerts of its message were marked as false alarms when it was last drawn';
