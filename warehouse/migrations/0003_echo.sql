ALTER TABLE deliveries ADD COLUMN reports INTEGER;
COMMENT ON COLUMN deliveries.reports IS 'Articles that carried its claim when the message was last drawn; empty: the first alone';
