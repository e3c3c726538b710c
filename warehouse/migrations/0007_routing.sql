-- Where an alert goes, whom it calls, how long it is held back, and why -----------------------------------------------

ALTER TABLE alerts ADD COLUMN channel VARCHAR;
ALTER TABLE alerts ADD COLUMN mentions VARCHAR[];
ALTER TABLE alerts ADD COLUMN not_before TIMESTAMPTZ;
ALTER TABLE alerts ADD COLUMN decision VARCHAR[];
COMMENT ON COLUMN alerts.channel IS 'The Slack channel that a rule of routes.toml names; empty: the one of the settings';
COMMENT ON COLUMN alerts.mentions IS 'Slack ids of the users and groups it calls';
COMMENT ON COLUMN alerts.not_before IS 'Held back until then by quiet hours; empty: sent at once';
COMMENT ON COLUMN alerts.decision IS 'How it was routed: the watch lists, rule, silences and quiet hours that had a say, in their order';
COMMENT ON COLUMN mutes.subject IS 'Id of a weapon, speaker, side, feed or claim, or several conditions: kinds=stage weapons=kh-101';
