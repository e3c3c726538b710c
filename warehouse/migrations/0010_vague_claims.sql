-- A headline that only says that somebody warns over something waits for the words of it ------------------------------

-- DuckDB takes no second change of a table that holds rows once a column with a default was added in the same transaction.
ALTER TABLE claims ADD COLUMN words VARCHAR;
ALTER TABLE claims ADD COLUMN vague BOOLEAN DEFAULT false;
COMMENT ON COLUMN claims.vague IS 'First heard of in words that say over what somebody warns or threatens, and not what';
COMMENT ON COLUMN claims.words IS 'Of such a claim: the sentence that said later what; empty until then';

ALTER TABLE wordings ADD COLUMN vague BOOLEAN DEFAULT false;
COMMENT ON COLUMN wordings.vague IS 'It says over what somebody warns or threatens, and not what: compared by topic, within two days';
