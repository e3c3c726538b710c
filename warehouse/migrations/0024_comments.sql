-- Comments in plain English, as the data dictionary shows them.

COMMENT ON COLUMN alerts.backlog IS 'Old when it arrived: only part of a summary';
COMMENT ON COLUMN alerts.channel IS 'The Slack channel named by a rule of routes.toml; empty for the one in the settings';
COMMENT ON COLUMN alerts.decision IS 'How it was routed: the watch lists, rule, silences and quiet hours that applied, in this order';
COMMENT ON COLUMN alerts.mentions IS 'Slack ids of the users and groups it mentions';
COMMENT ON COLUMN alerts.not_before IS 'Held back until then by quiet hours or for the digest; empty if it may be sent at once';
COMMENT ON COLUMN alerts.published IS 'When it was published; empty if that is unknown';
COMMENT ON COLUMN alerts.status IS 'pending, delivered, suppressed, held (may have been sent before a restore; brinkwatch alerts resend sends it) or dead_letter (refused for good)';
COMMENT ON COLUMN alerts.suppressed IS 'Why it is not sent; empty if it is';

COMMENT ON TABLE articles IS 'Every revision of every article; all offsets refer to the title, a blank line and the text, or to the text alone if there is no title';
COMMENT ON COLUMN articles.published IS 'When it was published; empty if that is unknown, never guessed';
COMMENT ON COLUMN articles.read_by IS 'Version of the extractor that read it last, which changes with every lexicon, rule and model; empty until it is read';

COMMENT ON TABLE claims IS 'Everything that was ever new: a weapon, a stage or a statement; never deleted, so that nothing is new twice';
COMMENT ON COLUMN claims.false_alarm IS 'Marked as a false positive by an analyst: it counts nowhere, and only copies of its articles still join it';
COMMENT ON COLUMN claims.merged_into IS 'The claim that it turned out to be the same as: claims.id';
COMMENT ON COLUMN claims.misread IS 'Corrected by an analyst: its reports make the claim it is merged into, and only copies of them still join that through this one';
COMMENT ON COLUMN claims.recipient IS 'For a stage, who receives or uses the weapon';
COMMENT ON COLUMN claims.side IS 'For a statement, the side that made it';
COMMENT ON COLUMN claims.stage IS 'For a stage, which one';
COMMENT ON COLUMN claims.supplier IS 'For a stage, who supplies the weapon, according to the first report';
COMMENT ON COLUMN claims.vague IS 'First reported in words that say what somebody warns about, but not what they threaten';
COMMENT ON COLUMN claims.words IS 'For a vague claim, the later sentence that said what was threatened; empty until then';

COMMENT ON TABLE corrected IS 'The places to which a correction applies: an article revision never changes, so they outlast every reading of it';
COMMENT ON COLUMN corrected.recipient IS 'For a transfer, the recipient as read before';
COMMENT ON COLUMN corrected.side IS 'The side of that speaker';
COMMENT ON COLUMN corrected.speaker IS 'For a speaker, the one read before';
COMMENT ON COLUMN corrected.stage IS 'For a transfer, the stage as read before';
COMMENT ON COLUMN corrected.supplier IS 'For a transfer, the supplier as read before';
COMMENT ON COLUMN corrected.weapon IS 'For a transfer, the weapon as read before';

COMMENT ON TABLE corrected_alerts IS 'What alerts said before a transfer that they report was corrected';
COMMENT ON COLUMN corrected_alerts.status IS 'Its status: pending, delivered, suppressed, held or dead_letter';
COMMENT ON COLUMN corrected_alerts.suppressed IS 'Why it was not sent; empty if it was';

COMMENT ON TABLE corrections IS 'What analysts corrected with brinkwatch correct; kept for good, however often articles are read again';
COMMENT ON COLUMN corrections.claim IS 'The claim that was corrected; for a merge, the one that remains: claims.id';
COMMENT ON COLUMN corrections.other IS 'For a merge, the claim that was merged into it; for a split or one false report, the claim that was taken out; for a transfer, the claim that its reports make now: claims.id';
COMMENT ON COLUMN corrections.side IS 'The side of that speaker';
COMMENT ON COLUMN corrections.speaker IS 'For a speaker, the right one';
COMMENT ON COLUMN corrections.undone_at IS 'When it was undone; empty while it is in force';
COMMENT ON COLUMN corrections.value IS 'For a transfer, the right stage, side or weapon; empty if it is unknown, and for a direction';

COMMENT ON TABLE deliveries IS 'The delivery of each alert on each route';
COMMENT ON COLUMN deliveries.attempts IS 'How often a sender claimed it';
COMMENT ON COLUMN deliveries.corrections IS 'The corrections mentioned by its message at the last update: corrections.id, separated by spaces';
COMMENT ON COLUMN deliveries.false_alarms IS 'How many alerts of its message were marked as false alarms at the last update';
COMMENT ON COLUMN deliveries.lease_until IS 'Until then it belongs to the sender that claimed it';
COMMENT ON COLUMN deliveries.receipt IS 'Where the message is, in the terms of the route';
COMMENT ON COLUMN deliveries.reports IS 'Articles that carried its claim or reported its event at the last update of the message; empty for the first one alone';
COMMENT ON COLUMN deliveries.retry_at IS 'Not to be tried again before then';
COMMENT ON COLUMN deliveries.status IS 'queued (to be sent again), claimed (being sent), delivered, retry, held (may have been sent before a restore) or dead_letter (refused for good)';

COMMENT ON TABLE event_reports IS 'Each article in which something was found, with the event it reports: articles near in date that share a weapon or a side and words of their titles and leads';
COMMENT ON COLUMN event_reports.anchors IS 'Ids of the systems it names, and of who speaks, supplies or receives in it';
COMMENT ON COLUMN event_reports.reported_at IS 'When the article was published, or seen if that is unknown';
COMMENT ON COLUMN event_reports.story IS 'The story of the article, as copies of one text report one event: stories.id';

COMMENT ON COLUMN failures.run IS 'The run in which it happened: runs.id';
COMMENT ON COLUMN failures.trouble IS 'The kind of failure';
COMMENT ON TABLE feed_memories IS 'The entries of recent polls of each feed, which tell new entries from known ones';

COMMENT ON TABLE feeds IS 'Feeds that were polled, with the state of each between two polls';
COMMENT ON COLUMN feeds.failure_weight IS 'Failures since the last success, with transient ones counting less';
COMMENT ON COLUMN feeds.identity_policy IS 'What distinguishes its entries: link, guid, title or content';
COMMENT ON COLUMN feeds.interval_s IS 'Seconds between polls, adapted to its tier, rhythm and failures';
COMMENT ON COLUMN feeds.lying_304 IS 'How often the server said "not modified" although the body had changed';
COMMENT ON COLUMN feeds.missed_alarms IS 'How often entries may have been missed between two polls';
COMMENT ON COLUMN feeds.redirect_count IS 'How often that redirect was seen in a row';
COMMENT ON COLUMN feeds.redirect_url IS 'A permanent redirect that was seen but is not trusted yet';
COMMENT ON COLUMN feeds.rhythm IS 'Entries per hour in each hour of the day in UTC, as learned';
COMMENT ON COLUMN feeds.tier IS 'How soon its entries should be noticed: flash (1 minute), fast (5), normal (15), slow (2 hours)';
COMMENT ON COLUMN feeds.unchanged_bytes IS 'Bytes of the last answer that brought nothing; 0 if the server said "not modified"';

COMMENT ON COLUMN fetches.clock_off_s IS 'Seconds by which this machine''s clock was ahead of the server''s; empty if the server sent no date';
COMMENT ON COLUMN fetches.lying_304 IS 'The audit found that "not modified" would have been wrong';
COMMENT ON COLUMN fetches.may_have_missed IS 'No entry was known, so some may have been missed between two polls';
COMMENT ON COLUMN fetches.run IS 'The run that fetched it: runs.id';
COMMENT ON COLUMN fetches.wire_bytes IS 'Bytes received, before decompression';

COMMENT ON TABLE migrations IS 'Migrations that this warehouse has been through';
COMMENT ON COLUMN migrations.name IS 'File name of the migration without its ending, or a digest of all views';
COMMENT ON TABLE mutes IS 'What an operator does not want to be alerted to';
COMMENT ON COLUMN mutes.until IS 'When it ends; empty for never';

COMMENT ON TABLE notices IS 'What was wrong with the monitor itself, the latest of each kind';
COMMENT ON COLUMN notices.notice IS 'What is reported to the operator';
COMMENT ON COLUMN notices.over_at IS 'When it ended; empty while it lasts';
COMMENT ON COLUMN notices.told_at IS 'When it was last reported to the operator; empty if not yet, because it may pass';

COMMENT ON COLUMN red_lines.first_said IS 'When that was published, or seen if that is unknown';
COMMENT ON TABLE restores IS 'When a back-up was restored: what was sent in between is not recorded, and is looked up before it is sent again';
COMMENT ON COLUMN restores.data_until IS 'The latest moment that the back-up has a record of';
COMMENT ON COLUMN restores.restored_at IS 'When it was restored';
COMMENT ON COLUMN runs.finished_at IS 'When it ended; empty while it runs, or if it was killed';

COMMENT ON COLUMN stories.first_published IS 'When that was published, or seen if that is unknown';
COMMENT ON TABLE subscriptions IS 'What was requested of the hubs of feeds, and what they granted';
COMMENT ON COLUMN subscriptions.attempts IS 'How often it was asked since it last verified';
COMMENT ON COLUMN subscriptions.lease_until IS 'Until when it promised to announce what is new';
COMMENT ON COLUMN subscriptions.pushed_at IS 'When it last announced something';

COMMENT ON COLUMN transfers.background IS 'Reported as past and not as news: it is on the timeline and never alerts';
COMMENT ON COLUMN transfers.recipient IS 'The same for whoever receives or uses it';
COMMENT ON COLUMN transfers.supplier IS 'ISO 3166-1 alpha-2, or slug of a non-state actor; empty if the text does not say';
COMMENT ON TABLE transfers IS 'A weapon at one stage between a supplier and a recipient, as one sentence reports it';
COMMENT ON COLUMN weapons.known IS 'The lexicon lists it; false for a system that no list holds';

COMMENT ON COLUMN wordings.misread IS 'Found to be misread by an analyst: only a near copy of it makes the same claim';
COMMENT ON COLUMN wordings.topic IS 'Words of the title of the first article with this wording, which vague words may refer to';
COMMENT ON COLUMN wordings.vague IS 'It names the subject of a warning or threat but not its content: compared by topic, within two days';
