-- Articles and where they come from ---------------------------------------------------------------------------------

CREATE TABLE feeds (
    id VARCHAR PRIMARY KEY,
    outlet VARCHAR NOT NULL,
    listed_url VARCHAR NOT NULL,
    country VARCHAR,
    ownership VARCHAR,
    language VARCHAR,
    genre VARCHAR,
    kind VARCHAR,
    listed_from VARCHAR,
    url VARCHAR NOT NULL,
    etag VARCHAR,
    last_modified VARCHAR,
    body_hash VARCHAR,
    next_due_at TIMESTAMPTZ,
    interval_s INTEGER NOT NULL,
    first_fetched_at TIMESTAMPTZ,
    last_fetched_at TIMESTAMPTZ,
    last_success_at TIMESTAMPTZ,
    last_new_at TIMESTAMPTZ,
    consecutive_failures INTEGER NOT NULL,
    failure_weight DOUBLE NOT NULL,
    last_error VARCHAR,
    identity_policy VARCHAR NOT NULL,
    redirect_url VARCHAR,
    redirect_count INTEGER NOT NULL,
    polls_since_full INTEGER NOT NULL,
    lying_304 INTEGER NOT NULL,
    overlap DOUBLE,
    missed_alarms INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    pending INTEGER NOT NULL,
    health VARCHAR NOT NULL,
    memory VARCHAR NOT NULL
);
COMMENT ON TABLE feeds IS 'Feeds that were polled, with what is remembered of each between two polls';
COMMENT ON COLUMN feeds.id IS 'Id of the feed in the feed list';
COMMENT ON COLUMN feeds.outlet IS 'The outlet, as a person would name it';
COMMENT ON COLUMN feeds.listed_url IS 'Address in the feed list';
COMMENT ON COLUMN feeds.country IS 'ISO 3166-1 alpha-2 of the outlet; empty for an international organisation';
COMMENT ON COLUMN feeds.ownership IS 'Who owns the outlet: state, public or private';
COMMENT ON COLUMN feeds.language IS 'ISO 639-1 language of the feed';
COMMENT ON COLUMN feeds.genre IS 'What its entries are unless they look otherwise: news, opinion, explainer, transcript, release';
COMMENT ON COLUMN feeds.kind IS 'Group in the feed list: wire, state_media, ministry, defence_press, think_tank, regional, press';
COMMENT ON COLUMN feeds.listed_from IS 'Where the address was found';
COMMENT ON COLUMN feeds.url IS 'Address it is fetched from now, after permanent redirects';
COMMENT ON COLUMN feeds.etag IS 'ETag of the last body, as sent';
COMMENT ON COLUMN feeds.last_modified IS 'Last-Modified of the last body, as sent';
COMMENT ON COLUMN feeds.body_hash IS 'Hash of the last body';
COMMENT ON COLUMN feeds.next_due_at IS 'When it is polled next';
COMMENT ON COLUMN feeds.interval_s IS 'Seconds between polls, adapted to how much is new each time';
COMMENT ON COLUMN feeds.first_fetched_at IS 'First success; until then everything it brings is backlog';
COMMENT ON COLUMN feeds.last_fetched_at IS 'Last attempt';
COMMENT ON COLUMN feeds.last_success_at IS 'Last attempt that succeeded';
COMMENT ON COLUMN feeds.last_new_at IS 'Last time it brought something new';
COMMENT ON COLUMN feeds.consecutive_failures IS 'Failures since the last success';
COMMENT ON COLUMN feeds.failure_weight IS 'Failures since the last success, those that tend to pass counted less';
COMMENT ON COLUMN feeds.last_error IS 'Why the last failed attempt failed';
COMMENT ON COLUMN feeds.identity_policy IS 'What tells its entries apart: link, guid, title or content';
COMMENT ON COLUMN feeds.redirect_url IS 'Permanent redirect that was seen and is not believed yet';
COMMENT ON COLUMN feeds.redirect_count IS 'Times that redirect was seen in a row';
COMMENT ON COLUMN feeds.polls_since_full IS 'Polls answered "not modified" since the last body';
COMMENT ON COLUMN feeds.lying_304 IS 'Times the server said "not modified" of a body that had changed';
COMMENT ON COLUMN feeds.overlap IS 'Share of the entries of the last poll that were known; 0 may mean that some were missed';
COMMENT ON COLUMN feeds.missed_alarms IS 'Times entries may have been missed between two polls';
COMMENT ON COLUMN feeds.entries IS 'Entries in the last body';
COMMENT ON COLUMN feeds.pending IS 'Entries left for the next poll';
COMMENT ON COLUMN feeds.health IS 'new, ok, failing, quiet or gone';
COMMENT ON COLUMN feeds.memory IS 'Keys of the entries of recent polls, packed';

CREATE TABLE fetches (
    feed VARCHAR NOT NULL,
    run VARCHAR,
    started_at TIMESTAMPTZ NOT NULL,
    duration_s DOUBLE NOT NULL,
    outcome VARCHAR NOT NULL,
    status INTEGER,
    wire_bytes BIGINT NOT NULL,
    entries INTEGER NOT NULL,
    new_entries INTEGER NOT NULL,
    edited_entries INTEGER NOT NULL,
    pending INTEGER NOT NULL,
    overlap DOUBLE,
    may_have_missed BOOLEAN NOT NULL,
    audit BOOLEAN NOT NULL,
    lying_304 BOOLEAN NOT NULL,
    reason VARCHAR
);
COMMENT ON TABLE fetches IS 'Every attempt to update a feed';
COMMENT ON COLUMN fetches.feed IS 'The feed: feeds.id';
COMMENT ON COLUMN fetches.run IS 'The run that did it: runs.id';
COMMENT ON COLUMN fetches.started_at IS 'When it began';
COMMENT ON COLUMN fetches.duration_s IS 'Seconds it took';
COMMENT ON COLUMN fetches.outcome IS 'updated, unchanged, failed, gone or postponed';
COMMENT ON COLUMN fetches.status IS 'HTTP status';
COMMENT ON COLUMN fetches.wire_bytes IS 'Bytes received, as compressed';
COMMENT ON COLUMN fetches.entries IS 'Entries in the body';
COMMENT ON COLUMN fetches.new_entries IS 'Entries never seen before';
COMMENT ON COLUMN fetches.edited_entries IS 'Known entries whose text had changed';
COMMENT ON COLUMN fetches.pending IS 'Entries left for the next poll';
COMMENT ON COLUMN fetches.overlap IS 'Share of the entries that were known';
COMMENT ON COLUMN fetches.may_have_missed IS 'No entry was known: some may have come and gone between two polls';
COMMENT ON COLUMN fetches.audit IS 'A full fetch to check whether "not modified" was true';
COMMENT ON COLUMN fetches.lying_304 IS 'The audit found that it was not';
COMMENT ON COLUMN fetches.reason IS 'Why it failed or was postponed';

CREATE TABLE articles (
    id VARCHAR PRIMARY KEY,
    identity VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    url VARCHAR,
    source VARCHAR,
    feed VARCHAR,
    ownership VARCHAR,
    genre VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    published TIMESTAMPTZ,
    published_raw VARCHAR,
    seen TIMESTAMPTZ NOT NULL,
    backlog BOOLEAN NOT NULL,
    story VARCHAR,
    superseded_by VARCHAR,
    run VARCHAR
);
COMMENT ON TABLE articles IS 'Every revision of every article; the text all offsets refer to is the title, a blank line and the text, or the text alone where there is no title';
COMMENT ON COLUMN articles.id IS 'One revision of one article';
COMMENT ON COLUMN articles.identity IS 'Shared by all revisions of one URL or feed entry';
COMMENT ON COLUMN articles.title IS 'Headline';
COMMENT ON COLUMN articles.text IS 'Body as plain text';
COMMENT ON COLUMN articles.url IS 'Canonical address';
COMMENT ON COLUMN articles.source IS 'The outlet, as a person would name it';
COMMENT ON COLUMN articles.feed IS 'The feed that brought it: feeds.id; empty for seeds';
COMMENT ON COLUMN articles.ownership IS 'Who owns the outlet: state, public or private';
COMMENT ON COLUMN articles.genre IS 'news, opinion, explainer, anniversary, live_blog, transcript or release';
COMMENT ON COLUMN articles.language IS 'ISO 639-1 language of the text';
COMMENT ON COLUMN articles.published IS 'When it was published; empty where that is unknown, never guessed';
COMMENT ON COLUMN articles.published_raw IS 'The date as the feed gave it';
COMMENT ON COLUMN articles.seen IS 'When it was first stored';
COMMENT ON COLUMN articles.backlog IS 'It came with the first fetch of its feed, as a seed, or was older than 72 hours when first seen';
COMMENT ON COLUMN articles.story IS 'The story it belongs to: stories.id';
COMMENT ON COLUMN articles.superseded_by IS 'The revision that replaced it: articles.id; empty while it is current';
COMMENT ON COLUMN articles.run IS 'The run that stored it: runs.id';

CREATE TABLE stories (
    id VARCHAR PRIMARY KEY,
    title VARCHAR NOT NULL,
    first_article VARCHAR NOT NULL,
    first_published TIMESTAMPTZ NOT NULL,
    last_published TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE stories IS 'Articles of any outlet that report one event';
COMMENT ON COLUMN stories.id IS 'Id of the story';
COMMENT ON COLUMN stories.title IS 'Headline of its earliest article';
COMMENT ON COLUMN stories.first_article IS 'Its earliest article: articles.id';
COMMENT ON COLUMN stories.first_published IS 'When that was published, or seen where that is unknown';
COMMENT ON COLUMN stories.last_published IS 'When the latest was';

CREATE TABLE readings (
    article VARCHAR PRIMARY KEY,
    extractor_version VARCHAR NOT NULL,
    read_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE readings IS 'Which extractor version read an article last';
COMMENT ON COLUMN readings.article IS 'The article: articles.id';
COMMENT ON COLUMN readings.extractor_version IS 'Changes with every lexicon, rule and model';
COMMENT ON COLUMN readings.read_at IS 'When it was read';

-- Signals: what an article says ---------------------------------------------------------------------------------------

CREATE TABLE weapons (
    id VARCHAR PRIMARY KEY,
    name VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    family VARCHAR,
    specific BOOLEAN NOT NULL,
    known BOOLEAN NOT NULL
);
COMMENT ON TABLE weapons IS 'Weapon systems, and classes of them, that some article has named';
COMMENT ON COLUMN weapons.id IS 'Stable slug';
COMMENT ON COLUMN weapons.name IS 'Name';
COMMENT ON COLUMN weapons.category IS 'Category, as in the lexicon of classes';
COMMENT ON COLUMN weapons.family IS 'Shared by variants of one system';
COMMENT ON COLUMN weapons.specific IS 'A named system; false for a class such as "ballistic missiles"';
COMMENT ON COLUMN weapons.known IS 'The lexicon holds it; false for a system no list knew';

CREATE TABLE weapon_mentions (
    id VARCHAR NOT NULL,
    article VARCHAR NOT NULL,
    weapon VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    span_start INTEGER NOT NULL,
    span_end INTEGER NOT NULL,
    rule VARCHAR NOT NULL,
    claim VARCHAR
);
COMMENT ON TABLE weapon_mentions IS 'Every mention of a weapon in an article';
COMMENT ON COLUMN weapon_mentions.id IS 'Hash of article, weapon and place';
COMMENT ON COLUMN weapon_mentions.article IS 'The article: articles.id';
COMMENT ON COLUMN weapon_mentions.weapon IS 'The weapon: weapons.id';
COMMENT ON COLUMN weapon_mentions.text IS 'As the article writes it';
COMMENT ON COLUMN weapon_mentions.span_start IS 'First code point of the mention';
COMMENT ON COLUMN weapon_mentions.span_end IS 'Code point after the mention';
COMMENT ON COLUMN weapon_mentions.rule IS 'Lexicon entry or pattern that found it';
COMMENT ON COLUMN weapon_mentions.claim IS 'The claim it makes: claims.id; empty for a class of weapons';

CREATE TABLE transfers (
    id VARCHAR NOT NULL,
    article VARCHAR NOT NULL,
    weapon VARCHAR NOT NULL,
    supplier VARCHAR,
    recipient VARCHAR,
    stage VARCHAR NOT NULL,
    plover VARCHAR NOT NULL,
    quantity BIGINT,
    said_by VARCHAR,
    supplier_text VARCHAR,
    recipient_text VARCHAR,
    sentence VARCHAR NOT NULL,
    span_start INTEGER NOT NULL,
    span_end INTEGER NOT NULL,
    rule VARCHAR NOT NULL,
    claim VARCHAR
);
COMMENT ON TABLE transfers IS 'A weapon at one stage of its way between two actors, as one sentence says it';
COMMENT ON COLUMN transfers.id IS 'Hash of article, weapon, stage, actors and place';
COMMENT ON COLUMN transfers.article IS 'The article: articles.id';
COMMENT ON COLUMN transfers.weapon IS 'Slug of the weapon or class';
COMMENT ON COLUMN transfers.supplier IS 'ISO 3166-1 alpha-2, or slug of a non-state actor; empty where the text does not say';
COMMENT ON COLUMN transfers.recipient IS 'The same for who gets or uses it';
COMMENT ON COLUMN transfers.stage IS 'requested, considered, refused, pledged, delivered, suspended, use_permitted, use_refused or used';
COMMENT ON COLUMN transfers.plover IS 'PLOVER event type of the stage';
COMMENT ON COLUMN transfers.quantity IS 'Number of units';
COMMENT ON COLUMN transfers.said_by IS 'Who said so';
COMMENT ON COLUMN transfers.supplier_text IS 'The supplier as the article writes it';
COMMENT ON COLUMN transfers.recipient_text IS 'The recipient as the article writes it';
COMMENT ON COLUMN transfers.sentence IS 'The sentence or clause that says it';
COMMENT ON COLUMN transfers.span_start IS 'First code point of that sentence';
COMMENT ON COLUMN transfers.span_end IS 'Code point after it';
COMMENT ON COLUMN transfers.rule IS 'Rule that found it';
COMMENT ON COLUMN transfers.claim IS 'The claim it makes: claims.id';

CREATE TABLE statements (
    id VARCHAR NOT NULL,
    article VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    plover VARCHAR NOT NULL,
    speaker VARCHAR,
    speaker_id VARCHAR,
    role VARCHAR,
    side VARCHAR,
    speech VARCHAR NOT NULL,
    cue VARCHAR NOT NULL,
    quote VARCHAR NOT NULL,
    condition VARCHAR,
    consequence VARCHAR,
    explicit BOOLEAN NOT NULL,
    nuclear BOOLEAN NOT NULL,
    relayed_by VARCHAR,
    addressee VARCHAR,
    confidence DOUBLE NOT NULL,
    severity INTEGER NOT NULL,
    reasons VARCHAR[] NOT NULL,
    rung VARCHAR,
    span_start INTEGER NOT NULL,
    span_end INTEGER NOT NULL,
    repeats INTEGER[][] NOT NULL,
    rule VARCHAR NOT NULL,
    claim VARCHAR
);
COMMENT ON TABLE statements IS 'Red lines, threats and commentary on them, one row per utterance in an article';
COMMENT ON COLUMN statements.id IS 'Hash of article, kind, speaker and place';
COMMENT ON COLUMN statements.article IS 'The article: articles.id';
COMMENT ON COLUMN statements.kind IS 'red_line, threat or commentary';
COMMENT ON COLUMN statements.plover IS 'PLOVER event type';
COMMENT ON COLUMN statements.speaker IS 'Who said it: a person, or the organ where no person is named';
COMMENT ON COLUMN statements.speaker_id IS 'Slug of the speaker';
COMMENT ON COLUMN statements.role IS 'Office of the speaker at the time';
COMMENT ON COLUMN statements.side IS 'Whom the speaker speaks for: ISO 3166-1 alpha-2, or slug of an organisation';
COMMENT ON COLUMN statements.speech IS 'direct, indirect or mixed';
COMMENT ON COLUMN statements.cue IS 'The word that reports it';
COMMENT ON COLUMN statements.quote IS 'The sentence or clause that carries it';
COMMENT ON COLUMN statements.condition IS 'The act that would cross the line';
COMMENT ON COLUMN statements.consequence IS 'What crossing it would bring';
COMMENT ON COLUMN statements.explicit IS 'It says "red line"';
COMMENT ON COLUMN statements.nuclear IS 'It speaks of nuclear weapons or war';
COMMENT ON COLUMN statements.relayed_by IS 'Who passed it on';
COMMENT ON COLUMN statements.addressee IS 'To whom it is said';
COMMENT ON COLUMN statements.confidence IS 'Between 0 and 1';
COMMENT ON COLUMN statements.severity IS '1 to 5';
COMMENT ON COLUMN statements.reasons IS 'Why this severity';
COMMENT ON COLUMN statements.rung IS 'Nearest rung of the escalation ladder of Kahn (1965): an aid, not a measure';
COMMENT ON COLUMN statements.span_start IS 'First code point of the quote';
COMMENT ON COLUMN statements.span_end IS 'Code point after it';
COMMENT ON COLUMN statements.repeats IS 'Other places of the article that say the same, as [start, end]';
COMMENT ON COLUMN statements.rule IS 'Rule or model that found it';
COMMENT ON COLUMN statements.claim IS 'The claim it makes: claims.id; empty for commentary';

-- Claims: what is new and what repeats it -----------------------------------------------------------------------------

CREATE TABLE claims (
    id VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    weapon VARCHAR,
    recipient VARCHAR,
    stage VARCHAR,
    side VARCHAR,
    article VARCHAR NOT NULL,
    first_seen TIMESTAMPTZ NOT NULL,
    why VARCHAR NOT NULL,
    merged_into VARCHAR
);
COMMENT ON TABLE claims IS 'Everything that was ever new: a weapon, a stage, a statement; never forgotten, so that nothing is new twice';
COMMENT ON COLUMN claims.id IS 'Id of the claim';
COMMENT ON COLUMN claims.kind IS 'new_weapon, new_stage or new_statement';
COMMENT ON COLUMN claims.weapon IS 'Slug of the weapon';
COMMENT ON COLUMN claims.recipient IS 'Of a stage: who gets or uses it';
COMMENT ON COLUMN claims.stage IS 'Of a stage: which';
COMMENT ON COLUMN claims.side IS 'Of a statement: whose';
COMMENT ON COLUMN claims.article IS 'The article that brought it first, by arrival: articles.id';
COMMENT ON COLUMN claims.first_seen IS 'When that was stored';
COMMENT ON COLUMN claims.why IS 'Why it counted as new';
COMMENT ON COLUMN claims.merged_into IS 'The claim it turned out to be the same as: claims.id';

CREATE TABLE wordings (
    id VARCHAR PRIMARY KEY,
    claim VARCHAR NOT NULL,
    side VARCHAR,
    speaker_id VARCHAR,
    said_at TIMESTAMPTZ NOT NULL,
    nuclear BOOLEAN NOT NULL,
    weapons VARCHAR[] NOT NULL,
    condition VARCHAR[] NOT NULL,
    consequence VARCHAR[] NOT NULL,
    content VARCHAR[] NOT NULL
);
COMMENT ON TABLE wordings IS 'The distinct ways in which statements were put, as sets of normalised words: what a new statement is compared with';
COMMENT ON COLUMN wordings.id IS 'Hash of all the rest but the claim';
COMMENT ON COLUMN wordings.claim IS 'The claim it puts into words: claims.id';
COMMENT ON COLUMN wordings.side IS 'Whose statement';
COMMENT ON COLUMN wordings.speaker_id IS 'Slug of the speaker';
COMMENT ON COLUMN wordings.said_at IS 'Day on which an article reported it';
COMMENT ON COLUMN wordings.nuclear IS 'It speaks of nuclear weapons or war';
COMMENT ON COLUMN wordings.weapons IS 'Slugs of the systems it names';
COMMENT ON COLUMN wordings.condition IS 'Words of the condition';
COMMENT ON COLUMN wordings.consequence IS 'Words of the consequence';
COMMENT ON COLUMN wordings.content IS 'Words of the whole quote';

CREATE TABLE red_lines (
    id VARCHAR PRIMARY KEY,
    side VARCHAR,
    speaker VARCHAR,
    speaker_id VARCHAR,
    condition VARCHAR,
    consequence VARCHAR,
    quote VARCHAR NOT NULL,
    explicit BOOLEAN NOT NULL,
    nuclear BOOLEAN NOT NULL,
    severity INTEGER NOT NULL,
    article VARCHAR NOT NULL,
    first_said TIMESTAMPTZ NOT NULL,
    last_said TIMESTAMPTZ NOT NULL,
    times_said INTEGER NOT NULL,
    outlets VARCHAR[] NOT NULL
);
COMMENT ON TABLE red_lines IS 'Each red line once, worded as in the earliest article that reports it';
COMMENT ON COLUMN red_lines.id IS 'Its claim: claims.id';
COMMENT ON COLUMN red_lines.side IS 'Who drew it: ISO 3166-1 alpha-2, or slug of an organisation';
COMMENT ON COLUMN red_lines.speaker IS 'Who said it first';
COMMENT ON COLUMN red_lines.speaker_id IS 'Slug of that speaker';
COMMENT ON COLUMN red_lines.condition IS 'The act that would cross it';
COMMENT ON COLUMN red_lines.consequence IS 'What crossing it would bring';
COMMENT ON COLUMN red_lines.quote IS 'The sentence that draws it';
COMMENT ON COLUMN red_lines.explicit IS 'Some report says "red line"';
COMMENT ON COLUMN red_lines.nuclear IS 'Some report speaks of nuclear weapons or war';
COMMENT ON COLUMN red_lines.severity IS 'Highest severity of any report, 1 to 5';
COMMENT ON COLUMN red_lines.article IS 'The earliest article: articles.id';
COMMENT ON COLUMN red_lines.first_said IS 'When that was published, or seen where that is unknown';
COMMENT ON COLUMN red_lines.last_said IS 'When the latest report was';
COMMENT ON COLUMN red_lines.times_said IS 'Articles that report it, revisions of one counted once';
COMMENT ON COLUMN red_lines.outlets IS 'Outlets that report it';

-- Alerts: what people are told ----------------------------------------------------------------------------------------

CREATE TABLE alerts (
    id VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    claim VARCHAR NOT NULL,
    article VARCHAR NOT NULL,
    story VARCHAR NOT NULL,
    headline VARCHAR NOT NULL,
    why VARCHAR NOT NULL,
    sentence VARCHAR NOT NULL,
    marks INTEGER[][] NOT NULL,
    severity INTEGER NOT NULL,
    speaker VARCHAR,
    role VARCHAR,
    outlet VARCHAR,
    ownership VARCHAR,
    title VARCHAR NOT NULL,
    url VARCHAR,
    published TIMESTAMPTZ,
    seen TIMESTAMPTZ NOT NULL,
    backlog BOOLEAN NOT NULL,
    suppressed VARCHAR,
    status VARCHAR NOT NULL,
    decided_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE alerts IS 'What was decided about each new claim, once, when it arrived';
COMMENT ON COLUMN alerts.id IS 'Hash of kind and claim';
COMMENT ON COLUMN alerts.kind IS 'new_weapon, new_statement or new_stage';
COMMENT ON COLUMN alerts.claim IS 'The claim: claims.id';
COMMENT ON COLUMN alerts.article IS 'The article that brought it: articles.id';
COMMENT ON COLUMN alerts.story IS 'Alerts of one story are one message';
COMMENT ON COLUMN alerts.headline IS 'What is new, in a few words';
COMMENT ON COLUMN alerts.why IS 'Why it counts as new';
COMMENT ON COLUMN alerts.sentence IS 'The sentence it came from, 300 characters at most';
COMMENT ON COLUMN alerts.marks IS 'Key words of that sentence, as [start, end]';
COMMENT ON COLUMN alerts.severity IS '1 to 5';
COMMENT ON COLUMN alerts.speaker IS 'Who said it';
COMMENT ON COLUMN alerts.role IS 'Office of the speaker';
COMMENT ON COLUMN alerts.outlet IS 'The outlet';
COMMENT ON COLUMN alerts.ownership IS 'Who owns the outlet: state, public or private';
COMMENT ON COLUMN alerts.title IS 'Headline of the article';
COMMENT ON COLUMN alerts.url IS 'Address of the article';
COMMENT ON COLUMN alerts.published IS 'When it was published; empty where that is unknown';
COMMENT ON COLUMN alerts.seen IS 'When it was seen';
COMMENT ON COLUMN alerts.backlog IS 'Old when it arrived: told in one summary';
COMMENT ON COLUMN alerts.suppressed IS 'Why it is not sent; empty when it is';
COMMENT ON COLUMN alerts.status IS 'pending, delivered, suppressed or poison';
COMMENT ON COLUMN alerts.decided_at IS 'When this was decided';

CREATE TABLE deliveries (
    alert VARCHAR NOT NULL,
    route VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    attempts INTEGER NOT NULL,
    lease_until TIMESTAMPTZ,
    retry_at TIMESTAMPTZ,
    receipt VARCHAR,
    error VARCHAR,
    changed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (alert, route)
);
COMMENT ON TABLE deliveries IS 'How each alert fares on each route';
COMMENT ON COLUMN deliveries.alert IS 'The alert: alerts.id';
COMMENT ON COLUMN deliveries.route IS 'The route: terminal, slack, …';
COMMENT ON COLUMN deliveries.status IS 'queued (to be sent again), claimed (somebody is sending it), delivered, retry or poison (refused for good)';
COMMENT ON COLUMN deliveries.attempts IS 'Times it was taken to be sent';
COMMENT ON COLUMN deliveries.lease_until IS 'Until then it belongs to whoever took it';
COMMENT ON COLUMN deliveries.retry_at IS 'Not to be tried again before';
COMMENT ON COLUMN deliveries.receipt IS 'Where the message is, as the route names places';
COMMENT ON COLUMN deliveries.error IS 'Why the last attempt failed';
COMMENT ON COLUMN deliveries.changed_at IS 'Last change of this row';

CREATE TABLE mutes (
    subject VARCHAR PRIMARY KEY,
    until TIMESTAMPTZ,
    reason VARCHAR NOT NULL,
    muted_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE mutes IS 'What an operator does not want to be told of';
COMMENT ON COLUMN mutes.subject IS 'Id of a weapon, speaker, side, feed or claim';
COMMENT ON COLUMN mutes.until IS 'When it ends; empty: never';
COMMENT ON COLUMN mutes.reason IS 'Why';
COMMENT ON COLUMN mutes.muted_at IS 'When it was muted';

-- Runs ----------------------------------------------------------------------------------------------------------------

CREATE TABLE runs (
    id VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    outcome VARCHAR,
    counts MAP(VARCHAR, BIGINT),
    note VARCHAR
);
COMMENT ON TABLE runs IS 'Every run of a flow';
COMMENT ON COLUMN runs.id IS 'Id of the run';
COMMENT ON COLUMN runs.kind IS 'The flow: ingest, detect, notify, …';
COMMENT ON COLUMN runs.started_at IS 'When it began';
COMMENT ON COLUMN runs.finished_at IS 'When it ended; empty while it runs, or when it was killed';
COMMENT ON COLUMN runs.outcome IS 'How it ended';
COMMENT ON COLUMN runs.counts IS 'What it did, in numbers';
COMMENT ON COLUMN runs.note IS 'A line for people';

CREATE TABLE failures (
    place VARCHAR NOT NULL,
    trouble VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    feed VARCHAR,
    run VARCHAR,
    seen_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE failures IS 'Everything that was skipped, rejected or could not be read, and why: nothing is lost silently';
COMMENT ON COLUMN failures.place IS 'The address, entry, file or article';
COMMENT ON COLUMN failures.trouble IS 'What sort of failure';
COMMENT ON COLUMN failures.reason IS 'Why, in one line';
COMMENT ON COLUMN failures.feed IS 'The feed it came from: feeds.id';
COMMENT ON COLUMN failures.run IS 'The run that met it: runs.id';
COMMENT ON COLUMN failures.seen_at IS 'When';
