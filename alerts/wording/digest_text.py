"""The wording of a digest that all routes share."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alerts.messages import Digest
from alerts.wording.excerpt import clean
from alerts.wording.render import gist, kinds_text, moment, rest_text, severity_text, source_of
from extractors.records import Alert, AlertKind

_NAMES = {1: "Daily digest", 7: "Weekly digest"}
_HEADINGS = {
    AlertKind.NEW_STATEMENT: ("Red lines and threats", 7),
    AlertKind.NEW_STAGE: ("Weapons promised, refused, delivered, used", 4),
    AlertKind.NEW_WEAPON: ("Weapons never named before", 3),
}
"""What each section is called, and how many of its alerts are named: together they fit into one Slack message."""
_COLLECTED = ("Not told before: too slight to tell at once, or left to the digest by a rule", 4)
_BACKLOG = ("Older news: from a first fetch, from seed documents, or published more than three days before", 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Alerts of one sort, most severe first, of which the first few are named."""

    heading: str
    alerts: tuple[Alert, ...]
    most: int

    @property
    def named(self) -> Sequence[Alert]:
        """The alerts that are named."""
        return self.alerts[: self.most]

    @property
    def rest(self) -> str | None:
        """How many are not named, in words; None if all are."""
        return rest_text(self.alerts, self.most)


def digest_title(digest: Digest) -> str:
    """Return one line for the whole digest, as a notification shows it."""
    name = _NAMES.get(digest.days, f"Digest of {digest.days} days")
    return f"{name}: {kinds_text(digest.alerts) or 'no alerts'}"


def digest_period(digest: Digest) -> str:
    """Return what the digest is about, and what it leaves out."""
    unsent = f" {digest.unsent} more not sent, because of a rule or a mute." if digest.unsent else ""
    return f"{moment(digest.since)} to {moment(digest.until)}.{unsent}"


def sections(digest: Digest) -> list[Section]:
    """Return what the digest tells: what was told by its kind, then what was left to it, then older news."""
    found = [
        Section(heading=heading, alerts=tuple(alert for alert in digest.told if alert.kind is kind), most=most)
        for kind, (heading, most) in _HEADINGS.items()
    ]
    for (heading, most), alerts in ((_COLLECTED, digest.collected), (_BACKLOG, digest.backlog)):
        found.append(Section(heading=heading, alerts=alerts, most=most))
    return [section for section in found if section.alerts]


def plain_digest(digest: Digest) -> str:
    """Return the digest as plain text, with the address of each article."""
    return "\n".join([digest_title(digest), digest_period(digest), *_lines(digest)])


def _lines(digest: Digest) -> Iterator[str]:
    for section in sections(digest):
        yield f"\n{section.heading}"
        for alert in section.named:
            yield from _alert_lines(alert)
        if section.rest:
            yield section.rest


def _alert_lines(alert: Alert) -> Iterator[str]:
    source = source_of(alert)
    yield f"- {severity_text(alert.severity)} · {clean(alert.headline)}"
    if said := gist(alert):
        yield f"  {said}"
    yield f"  {source.outlet}, {moment(source.published)} · {alert.id}"
    if source.link:
        yield f"  {source.link}"
