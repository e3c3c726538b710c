-- How sure a transfer is and who asks for it, which until now only the words of its rule said.

ALTER TABLE transfers ADD COLUMN confidence DOUBLE;
COMMENT ON COLUMN transfers.confidence IS 'Probability of the stage according to the reader, between 0 and 1, not calibrated; 1 where something else found it';
ALTER TABLE transfers ADD COLUMN asked_by_others BOOLEAN;
COMMENT ON COLUMN transfers.asked_by_others IS 'Others ask that the recipient be given it, which itself may be silent';
UPDATE transfers SET
    confidence = coalesce(try_cast(regexp_extract(rule, '^reader (\d\.\d+)', 1) AS DOUBLE), 1),
    asked_by_others = ends_with(rule, '; others ask');
