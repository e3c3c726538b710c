"""The table ``red_lines``: each red line once, combined from all its reports."""

from duckdb import DuckDBPyConnection

from warehouse.rows import execute


def save_red_lines(connection: DuckDBPyConnection, claims: set[str]) -> None:
    """Rewrite the red lines among ``claims``, combining all their reports."""
    if not claims:
        return
    execute(connection, "DELETE FROM red_lines WHERE id IN (FROM listed($claims))", claims=claims)
    execute(
        connection,
        """
        INSERT INTO red_lines BY NAME
        WITH said AS (
            SELECT statements.*, articles.identity, articles.source,
                coalesce(articles.published, articles.seen) AS said_at
            FROM statements JOIN articles ON articles.id = statements.article
            WHERE statements.claim IN (FROM listed($claims)) AND statements.kind = 'red_line'
                AND statements.claim NOT IN (SELECT id FROM claims WHERE false_alarm)
        )
        SELECT
            claim AS id,
            arg_min_null(side, (said_at, article, span_start)) AS side,
            arg_min_null(speaker, (said_at, article, span_start)) AS speaker,
            arg_min_null(speaker_id, (said_at, article, span_start)) AS speaker_id,
            arg_min_null(condition, (said_at, article, span_start)) AS condition,
            arg_min_null(consequence, (said_at, article, span_start)) AS consequence,
            arg_min(quote, (said_at, article, span_start)) AS quote,
            bool_or(explicit) AS explicit,
            bool_or(nuclear) AS nuclear,
            max(severity) AS severity,
            arg_min(article, (said_at, article, span_start)) AS article,
            min(said_at) AS first_said,
            max(said_at) AS last_said,
            count(DISTINCT identity) AS times_said,
            coalesce(list_sort(list(DISTINCT source) FILTER (source IS NOT NULL)), []) AS outlets
        FROM said
        GROUP BY claim
        """,
        claims=claims,
    )
