"""The words of an alert, common to every route: one wording, however it is drawn."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from alerts.excerpt import clean, gaps
from alerts.route import Echo, Form, Message
from extractors.records import Alert, AlertKind

SEVERITY_WORDS = {1: "low", 2: "notable", 3: "serious", 4: "severe", 5: "critical"}
UNKNOWN = "unknown"
GIST = 140
"""Characters of a sentence in a list."""

_KINDS = {
    AlertKind.NEW_STATEMENT: ("statement", "statements"),
    AlertKind.NEW_STAGE: ("stage of a transfer", "stages of transfers"),
    AlertKind.NEW_WEAPON: ("weapon", "weapons"),
}
_SAFE_LINK = re.compile(r"https?://[^\s<>\"'`|\\^{}\x00-\x20]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the alerts of one article come from, in words."""

    outlet: str
    ownership: str
    title: str
    link: str | None
    published: datetime | None
    seen: datetime


def severity_text(severity: int) -> str:
    """Return the severity as a word and a number: ``severe 4/5``."""
    return f"{SEVERITY_WORDS[severity]} {severity}/5"


def severity_dots(severity: int) -> str:
    """Return the severity as five dots, readable without colour."""
    return "●" * severity + "○" * (5 - severity)


def voices(alerts: Iterable[Alert]) -> list[tuple[str, str]]:
    """Return (label, who and in which role) of everybody quoted, once each.

    Who utters a statement is its speaker; who tells of a transfer may be anybody, and is named as no more than that.
    """
    found = dict.fromkeys(
        ("speaker" if alert.kind is AlertKind.NEW_STATEMENT else "told by", _who(alert))
        for alert in alerts
        if alert.speaker
    )
    return list(found)


def _who(alert: Alert) -> str:
    return ", ".join(filter(None, (clean(alert.speaker or ""), clean(alert.role or ""))))


def source_of(alert: Alert) -> Source:
    """Return the source of ``alert`` with everything unknown said to be so."""
    return Source(
        outlet=clean(alert.outlet or "") or "outlet unknown",
        ownership=f"{clean(alert.ownership)} media" if alert.ownership else "ownership unknown",
        title=clean(alert.title),
        link=safe_link(alert.url),
        published=alert.published,
        seen=alert.seen,
    )


def safe_link(url: str | None) -> str | None:
    """Return ``url`` when it is a plain web address that cannot break out of the link it is put into."""
    return url if url and len(url) <= 2_000 and _SAFE_LINK.fullmatch(url) else None


def moment(when: datetime | None) -> str:
    """Return an instant as text: ``unknown`` when there is none, and a day alone where no time is known."""
    if when is None:
        return UNKNOWN
    when = when.astimezone(UTC)
    return f"{when:%-d %b %Y}" if is_day(when) else f"{when:%-d %b %Y, %H:%M} UTC"


def is_day(when: datetime) -> bool:
    """Whether an instant stands for a whole day: sources that name no time are stored as midnight."""
    return when.astimezone(UTC).time() == time()


def by_sentence(alerts: Iterable[Alert]) -> list[tuple[Alert, ...]]:
    """Gather alerts that rest on one sentence, so that it is shown once; the order is that of the first of each."""
    gathered: dict[str, list[Alert]] = {}
    for alert in alerts:
        gathered.setdefault(alert.sentence, []).append(alert)
    return [tuple(same) for same in gathered.values()]


def pieces(alerts: Sequence[Alert]) -> list[tuple[str, bool]]:
    """Return the one sentence of ``alerts`` as (piece, is it a key word of any of them)."""
    return gaps(alerts[0].sentence, [mark for alert in alerts for mark in alert.marks])


def kinds_text(alerts: Iterable[Alert]) -> str:
    """Count alerts by kind: ``4 statements, 2 weapons``."""
    counts = Counter(alert.kind for alert in alerts)
    return ", ".join(f"{counts[kind]} {words[counts[kind] > 1]}" for kind, words in _KINDS.items() if counts[kind])


def title_of(message: Message) -> str:
    """Return the one line that stands for a whole message, as a notification shows it."""
    alerts = message.alerts
    if message.form is Form.SUMMARY:
        return f"From the backlog: {kinds_text(alerts)}"
    if message.form is Form.DAILY:
        return f"Digest of the day: {kinds_text(alerts)}"
    if message.form is Form.DIGEST:
        return f"{len(alerts)} new alerts: {kinds_text(alerts)}"
    more = f" (+{len(alerts) - 1} more)" if len(alerts) > 1 else ""
    return f"{clean(alerts[0].headline)}{more}"


def because(form: Form) -> str:
    """Say why many alerts became one message."""
    if form is Form.SUMMARY:
        return "First fetch of a feed, or published more than three days ago: stored, and told once."
    if form is Form.DAILY:
        return "Only considered, or left to the digest by a rule."
    return "More than usual came at once: one message for all of it, the gravest first."


def plain(message: Message, *, echo: Echo | None = None, named: int = 5) -> str:
    """Return the message as plain text: what a notification, a screen reader and a route without markup get."""
    draw = _story_lines if message.form is Form.STORY else _list_lines
    lines = [title_of(message), *draw(message, message.alerts[:named])]
    return "\n".join(filter(None, [*lines, rest_text(message.alerts, named), str(echo or "")]))


def _story_lines(message: Message, alerts: Sequence[Alert]) -> Iterator[str]:
    """Yield what a notification has room for first: the sentence under the headline."""
    for alert in alerts:
        if alert is not message.alerts[0]:
            yield clean(alert.headline)
        yield clean(alert.sentence)
        yield f"{severity_text(alert.severity)} · {clean(alert.why)} · {alert.id}"
    source = source_of(message.alerts[0])
    yield f"{source.outlet} ({source.ownership}), published {moment(source.published)}"


def _list_lines(_: Message, alerts: Sequence[Alert]) -> Iterator[str]:
    for alert in alerts:
        yield " · ".join(filter(None, (severity_text(alert.severity), clean(alert.headline), gist(alert), alert.id)))


def gist(alert: Alert) -> str:
    """Return what a list adds to the headline of a statement, which says who and not what; of the rest nothing."""
    if alert.kind is not AlertKind.NEW_STATEMENT:
        return ""
    sentence = clean(alert.sentence)
    return sentence if len(sentence) <= GIST else f"{sentence[: GIST - 1].rsplit(' ', 1)[0].rstrip(',;:')}…"


def rest_text(alerts: Sequence[Alert], named: int) -> str | None:
    """Say how many alerts are not named; None when all are."""
    left = len(alerts) - named
    return f"and {left} more: brinkwatch alerts list" if left > 0 else None
