-- A feed's memory is kilobytes, and most polls leave it as it was: apart from its row, it is written only when it changes.
CREATE TABLE feed_memories (feed VARCHAR PRIMARY KEY, memory VARCHAR NOT NULL);
COMMENT ON TABLE feed_memories IS 'The entries of the recent polls of each feed, by which new ones are told from known';
COMMENT ON COLUMN feed_memories.feed IS 'The feed: feeds.id';
COMMENT ON COLUMN feed_memories.memory IS 'Keys of the entries, packed';

INSERT INTO feed_memories SELECT id, memory FROM feeds WHERE memory <> '';
ALTER TABLE feeds DROP COLUMN memory;
