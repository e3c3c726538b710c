-- Different articles on one event, which are no copies of each other ---------------------------------------------------

CREATE TABLE event_reports (
    article VARCHAR PRIMARY KEY,
    event VARCHAR NOT NULL,
    story VARCHAR,
    reported_at TIMESTAMPTZ NOT NULL,
    anchors VARCHAR[] NOT NULL,
    words VARCHAR[] NOT NULL
);
COMMENT ON TABLE event_reports IS 'Each article in which something was found, with the event it reports: articles near in date that share a weapon or a side and the words of their titles and leads';
COMMENT ON COLUMN event_reports.article IS 'The article: articles.id';
COMMENT ON COLUMN event_reports.event IS 'The event, named after its first article by arrival';
COMMENT ON COLUMN event_reports.story IS 'Copies of one text are of one event: stories.id';
COMMENT ON COLUMN event_reports.reported_at IS 'When the article was published, or else seen';
COMMENT ON COLUMN event_reports.anchors IS 'Ids of the systems it names, and of who speaks, gives or gets in it';
COMMENT ON COLUMN event_reports.words IS 'Normalised words of its title and lead';
COMMENT ON COLUMN deliveries.reports IS 'Articles that carried its claim, or reported its event, when the message was last drawn; empty: the first alone';
