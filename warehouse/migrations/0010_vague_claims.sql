-- A headline that only says that somebody warns over something waits for the words of it ------------------------------

ALTER TABLE claims ADD COLUMN vague BOOLEAN DEFAULT false;
ALTER TABLE claims ADD COLUMN words VARCHAR;
COMMENT ON COLUMN claims.vague IS 'First heard of in words that say over what somebody warns or threatens, and not what';
COMMENT ON COLUMN claims.words IS 'Of such a claim: the sentence that said later what; empty until then';

ALTER TABLE wordings ADD COLUMN vague BOOLEAN DEFAULT false;
COMMENT ON COLUMN wordings.vague IS 'It says over what somebody warns or threatens, and not what: compared by topic, within two days';
ALTER TABLE wordings ADD COLUMN topic VARCHAR[] DEFAULT [];
COMMENT ON COLUMN wordings.topic IS 'Words of the title of the first article that put it so: what vague words may be about';
