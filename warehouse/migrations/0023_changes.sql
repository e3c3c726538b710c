-- What an alert changes of what was said and done before.

ALTER TABLE alerts ADD COLUMN related VARCHAR;
COMMENT ON COLUMN alerts.related IS 'What it crosses, reverses or says again: claims.id, and red_lines.id of a red line; empty where it does nothing of the kind';
ALTER TABLE alerts ADD COLUMN related_url VARCHAR;
COMMENT ON COLUMN alerts.related_url IS 'Address of the earliest article that reported that';
