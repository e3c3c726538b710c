-- Whether it is only supposed who speaks, which until now only the words of the rule said.

ALTER TABLE statements ADD COLUMN speaker_supposed BOOLEAN;
COMMENT ON COLUMN statements.speaker_supposed IS 'It is only supposed who speaks, or nobody is found: no word was surely read as the speaker';
UPDATE statements SET speaker_supposed = regexp_matches(
    rule, '(^|; )(named in the title|no speaker|named in the sentence, unsure|subject of the sentence)$'
);
