"""The report: rows of the snapshot and names of the lexicons → a folder of pages."""

from datetime import date, datetime
from pathlib import Path

from alerts.report.content import Content
from alerts.report.site_writer import write_site
from flows.settings import Settings
from flows.steps.lexicon_names import facts_of, names_of
from warehouse.reporting import material


def make_report(settings: Settings, folder: Path, *, now: datetime, days: int, since: date | None = None) -> list[Path]:
    """Write the report of the last ``days``, or ``since`` a day, into ``folder``; return its files.

    Raises WarehouseMissingError when nothing was published yet, ReportFolderError for a folder of something else.
    """
    read = material(settings.warehouse, days=days, since=since)
    content = Content(
        since=read.period.since,
        until=read.period.until,
        made_at=now,
        lists=read.lists,
        names=names_of(settings.seeds),
        facts=facts_of(settings.seeds),
    )
    return write_site(content, folder)
