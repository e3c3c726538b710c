-- One row for an article and its bands of 32 bits, not 42 rows: a third of the bytes to hand over, log and replay. Bands
-- are hashed in another way than before, so those that are stored would match nothing.
DROP TABLE story_bands;
CREATE TABLE story_bands (
    article VARCHAR NOT NULL,
    bands UINTEGER[] NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE story_bands IS 'What recent articles are looked up by to find copies of them: near-duplicates share a band of their MinHash signature; older rows are dropped';
COMMENT ON COLUMN story_bands.article IS 'The article: articles.id';
COMMENT ON COLUMN story_bands.bands IS 'Hashes of the bands of the signature; none for a text too short to compare';
COMMENT ON COLUMN story_bands.seen_at IS 'When the article was stored';
