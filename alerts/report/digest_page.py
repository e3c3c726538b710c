"""A digest as one page, which needs no other file, and its chart as a picture."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any

from markupsafe import Markup

from alerts.messages import Digest, Enclosed
from alerts.report.chart_picture import picture
from alerts.report.charts import Scale, scale_of, tallest
from alerts.report.content import LISTS, Content, Row
from alerts.report.site_pages import Page, Series, one_series
from alerts.report.site_writer import STYLE, environment_for, filled, source
from alerts.wording.digest_text import Section, digest_period, digest_title, sections
from extractors.records import Alert

MOST = 40
"""Alerts of one section that the page shows."""


def enclosed(digest: Digest, statements: Sequence[Row], *, since: datetime, now: datetime) -> Enclosed:
    """Return the page of a digest and the picture in it: the ``statements`` that were made ``since`` then, over time.

    They begin before the digest does, so that its days can be compared with earlier ones.
    """
    scale = scale_of([row["first_reported"].date() for row in statements], since.date(), digest.until.date())
    series = one_series(None, statements, scale, top=tallest([statements], scale))
    caption = _caption(statements, scale)
    content = Content(since=since, until=digest.until, made_at=now, lists=dict.fromkeys(LISTS, ()))
    page = _page(digest, series, content, caption)
    assert series.chart  # one is drawn wherever a scale is given
    return Enclosed(chart=picture(series.chart, caption), caption=caption, page=page)


def _caption(statements: Sequence[Row], scale: Scale) -> str:
    severe = sum(row["severity"] >= 4 for row in statements)
    days = f"{scale.first:%-d %b} to {scale.last:%-d %b %Y}"
    return f"Red lines and threats, {days}: {len(statements)}, of them {severe} severe or critical"


def _page(digest: Digest, series: Series, content: Content, caption: str) -> str:
    environment = environment_for(content)
    style = source(environment, STYLE)
    values: dict[str, Any] = {
        "title": digest_title(digest),
        "period": digest_period(digest),
        "sections": [_section(section) for section in sections(digest)],
        "series": series,
        "caption": caption,
        "style": Markup(style),  # noqa: S704 - of this package
        "style_hash": b64encode(sha256(style.encode()).digest()).decode(),
    }
    return filled(environment, Page(path="digest.html", template="digest.html", values=values))


def _section(section: Section) -> dict[str, Any]:
    shown = section.alerts[:MOST]
    return {"heading": section.heading, "rows": [*map(_row, shown)], "more": len(section.alerts) - len(shown)}


def _row(alert: Alert) -> dict[str, Any]:
    """Return an alert as the pages of a report show it, without what only they know."""
    known = {"weapon": None, "false_alarm": False, "status": "delivered", "event": None, "suppressed": None}
    return asdict(alert) | known
