ALTER TABLE wordings ADD COLUMN topic VARCHAR[] DEFAULT [];
COMMENT ON COLUMN wordings.topic IS 'Words of the title of the first article that put it so: what vague words may be about';
