"""The wording of an alert that all routes share."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import accumulate

from alerts.messages import Form, Message, Pickup
from alerts.wording.excerpt import clean, gaps
from extractors.counts import plural
from extractors.records import Alert, AlertKind

SEVERITY_WORDS = {1: "low", 2: "notable", 3: "serious", 4: "severe", 5: "critical"}
UNKNOWN = "unknown"
GIST = 140
"""Most characters of a sentence in a list."""
TITLE = 150
"""Most characters of the title of a message, if its first headline leaves room: those of a header in Slack."""
_MORE = len(" (+999 more)")

_KINDS = {
    AlertKind.NEW_STATEMENT: ("statement", "statements"),
    AlertKind.NEW_STAGE: ("stage of a transfer", "stages of transfers"),
    AlertKind.NEW_WEAPON: ("weapon", "weapons"),
}
_SAFE_LINK = re.compile(r"https?://[^\s<>\"'`|\\^{}\x00-\x20]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The source of the alerts of one article, in words."""

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
    """Return the severity as five dots, which need no colour."""
    return "●" * severity + "○" * (5 - severity)


def voices(alerts: Iterable[Alert]) -> list[tuple[str, str]]:
    """Return pairs (label, name with office) of everybody quoted, once each.

    Whoever utters a statement is its speaker; whoever reports a transfer may be anybody, and has another label.
    """
    found = dict.fromkeys(
        ("speaker" if alert.kind is AlertKind.NEW_STATEMENT else "said by", _who(alert))
        for alert in alerts
        if alert.speaker
    )
    return list(found)


def _who(alert: Alert) -> str:
    return ", ".join(filter(None, (clean(alert.speaker or ""), clean(alert.role or ""))))


def source_of(alert: Alert) -> Source:
    """Return the source of ``alert``, in which anything unknown is said to be unknown."""
    return Source(
        outlet=clean(alert.outlet or "") or "outlet unknown",
        ownership=f"{clean(alert.ownership)} media" if alert.ownership else "ownership unknown",
        title=clean(alert.title),
        link=safe_link(alert.url),
        published=alert.published,
        seen=alert.seen,
    )


def related_links(alerts: Iterable[Alert]) -> list[str]:
    """Return where what the alerts change was reported, once each."""
    links = (safe_link(alert.related_url) for alert in alerts)
    return list(dict.fromkeys(link for link in links if link))


def safe_link(url: str | None) -> str | None:
    """Return ``url`` if it is a plain web address that cannot break out of the link it is put into."""
    return url if url and len(url) <= 2_000 and _SAFE_LINK.fullmatch(url) else None


def moment(when: datetime | None) -> str:
    """Return an instant as text: ``unknown`` if there is none, and only a day if no time is known."""
    if when is None:
        return UNKNOWN
    when = when.astimezone(UTC)
    return f"{when:%-d %b %Y}" if is_day(when) else f"{when:%-d %b %Y, %H:%M} UTC"


def is_day(when: datetime) -> bool:
    """Whether an instant stands for a whole day: a date without a time is stored as midnight."""
    return when.astimezone(UTC).time() == time()


def by_sentence(alerts: Iterable[Alert]) -> list[tuple[Alert, ...]]:
    """Group alerts on the same sentence, so that it is shown once, in the order of the first of each."""
    gathered: dict[str, list[Alert]] = {}
    for alert in alerts:
        gathered.setdefault(alert.sentence, []).append(alert)
    return [tuple(same) for same in gathered.values()]


def pieces(alerts: Sequence[Alert]) -> list[tuple[str, bool]]:
    """Return the common sentence of ``alerts`` as pairs (piece, whether it is a key word of any of them)."""
    return gaps(alerts[0].sentence, [mark for alert in alerts for mark in alert.marks])


def kinds_text(alerts: Iterable[Alert]) -> str:
    """Count alerts by kind: ``4 statements, 2 weapons``."""
    counts = Counter(alert.kind for alert in alerts)
    return ", ".join(plural(counts[kind], *words) for kind, words in _KINDS.items() if counts[kind])


def title_of(message: Message) -> str:
    """Return one line for a whole message, as a notification shows it."""
    alerts = message.alerts
    if message.form is Form.SUMMARY:
        return f"From the backlog: {kinds_text(alerts)}"
    if message.form is Form.DIGEST:
        return f"{plural(len(alerts), 'new alert')}: {kinds_text(alerts)}"
    headlines = list(dict.fromkeys(clean(alert.headline) for alert in alerts))
    named = _fitting(headlines)
    more = f" (+{len(headlines) - named} more)" if named < len(headlines) else ""
    return "; ".join(headlines[:named]) + more


def _fitting(headlines: Sequence[str]) -> int:
    """Return how many headlines, at least one, fit on a line of ``TITLE`` with the number of the others."""
    lengths = accumulate(len(headline) + len("; ") for headline in headlines)
    room = [TITLE + len("; ") - (_MORE if place < len(headlines) else 0) for place in range(1, len(headlines) + 1)]
    return max(
        (at for at, (length, most) in enumerate(zip(lengths, room, strict=True), 1) if length <= most), default=1
    )


def because(form: Form) -> str:
    """Return why many alerts became one message."""
    if form is Form.SUMMARY:
        return "First fetch of a feed, or published more than three days ago: stored, and summarised once."
    return "More alerts than usual at once: one message for all of them, the most severe first."


def plain(message: Message, *, pickup: Pickup | None = None, named: int = 5) -> str:
    """Return the message as plain text, for notifications, screen readers and routes without markup."""
    draw = _story_lines if message.form is Form.STORY else _list_lines
    lines = [title_of(message), *draw(message, message.alerts[:named])]
    return "\n".join(filter(None, [*lines, rest_text(message.alerts, named), str(pickup or "")]))


def _story_lines(message: Message, alerts: Sequence[Alert]) -> Iterator[str]:
    """Yield the most important lines first: the sentence under the headline."""
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
    """Return what a list adds to the headline of a statement, which says who spoke but not what; else nothing."""
    if alert.kind is not AlertKind.NEW_STATEMENT:
        return ""
    sentence = clean(alert.sentence)
    return sentence if len(sentence) <= GIST else f"{sentence[: GIST - 1].rsplit(' ', 1)[0].rstrip(',;:')}…"


def rest_text(alerts: Sequence[Alert], named: int) -> str | None:
    """Return how many alerts are not named, in words; None if all are."""
    left = len(alerts) - named
    return f"and {left} more: brinkwatch alerts list" if left > 0 else None
