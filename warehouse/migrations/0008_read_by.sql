-- Which extractor version read an article stands with the article: what waits is found without comparing two tables of all there is.

ALTER TABLE articles ADD COLUMN read_by VARCHAR;
COMMENT ON COLUMN articles.read_by IS 'Extractor version that read it last, which changes with every lexicon, rule and model; empty until it is read';
UPDATE articles SET read_by = extractor_version FROM readings WHERE readings.article = articles.id;
DROP TABLE readings;
