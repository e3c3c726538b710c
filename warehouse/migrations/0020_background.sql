ALTER TABLE transfers ADD COLUMN background BOOLEAN DEFAULT false;
COMMENT ON COLUMN transfers.background IS 'Told as past and not as news: it stands on the timeline and never alerts';
