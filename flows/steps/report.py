"""The report: rows of the snapshot and names of the lexicons → a folder or a bucket of pages."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from alerts.report.bucket_writer import SCHEME, bucket_made_of, write_bucket
from alerts.report.content import Content
from alerts.report.site_writer import site_made_of, write_site
from extractors.counts import plural
from flows.settings import Settings
from flows.steps.lexicon_names import facts_of, names_of
from warehouse.publish import published_at
from warehouse.reporting import material


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The result of publishing the report on schedule."""

    files: int = 0
    summary: str

    @property
    def counts(self) -> dict[str, int]:
        """Return the figures for the row of the run."""
        return {"files": self.files}


def make_report(settings: Settings, to: str, *, now: datetime, days: int, since: date | None = None) -> list[str]:
    """Write the report of the last ``days``, or ``since`` a day, to a folder or bucket; return the names of its files.

    Raises WarehouseMissingError when nothing was published yet, ReportFolderError for a place of something else.
    """
    stamp = _stamp(settings, days)  # taken first: what is published meanwhile is told the next time
    read = material(settings.warehouse, days=days, since=since)
    content = Content(
        since=read.period.since,
        until=read.period.until,
        made_at=now,
        lists=read.lists,
        names=names_of(settings.seeds),
        facts=facts_of(settings.seeds),
        address=f"{settings.report_url.rstrip('/')}/" if settings.report_url else "",
    )
    if to.startswith(SCHEME):
        return write_bucket(content, to, made_of=stamp)
    return [str(path) for path in write_site(content, Path(to).resolve(), made_of=stamp)]


def publish_report(settings: Settings, *, now: datetime) -> Reported:
    """Publish the report to where the settings say, unless the one there was made of the same snapshot."""
    to = settings.report_to
    if not to:
        return Reported(summary="nowhere to publish: BRINKWATCH_REPORT_TO is not set")
    there = bucket_made_of(to) if to.startswith(SCHEME) else site_made_of(Path(to))
    if there and there == _stamp(settings, settings.report_days):
        return Reported(summary="nothing new since the last report")
    files = make_report(settings, to, now=now, days=settings.report_days)
    return Reported(files=len(files), summary=f"{plural(len(files), 'file')} to {to}")


def _stamp(settings: Settings, days: int) -> str:
    """Return what tells this report from one of another snapshot or period; empty where nothing was published."""
    published = published_at(settings.warehouse)
    return f"{days} days of {published.timestamp():.6f}" if published else ""
