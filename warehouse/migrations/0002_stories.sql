-- Near-duplicate articles are found by bands of their MinHash signature -----------------------------------------------

CREATE TABLE story_bands (
    band UBIGINT NOT NULL,
    article VARCHAR NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE story_bands IS 'What recent articles are looked up by to find copies of them: near-duplicates share a band of their MinHash signature; older rows are dropped';
COMMENT ON COLUMN story_bands.band IS 'Hash of one band of the signature';
COMMENT ON COLUMN story_bands.article IS 'The article: articles.id';
COMMENT ON COLUMN story_bands.seen_at IS 'When the article was stored';
COMMENT ON TABLE stories IS 'Articles that are copies of one text, cut or with another lead, in any outlet';
