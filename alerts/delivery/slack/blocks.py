"""Messages as Slack's Block Kit. Pure.

Text from outside goes into ``rich_text`` and ``plain_text`` elements only: Slack shows it literally, so that no markup,
mention or link can be forged. The only place with markup is the date, which contains nothing but digits.

Limits, respected by construction: 150 characters in a header, 10 elements in a context, 50 blocks
(https://docs.slack.dev/reference/block-kit/blocks), and a sum over all blocks that Slack does not document: 9,600
characters of text were accepted and 11,300 refused with ``msg_blocks_too_long`` (slackapi/bolt-js, issue 2867).

Plain JSON, not the models of slack_sdk: they check neither the number of blocks nor that sum, and each of the short
functions below would be needed all the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from alerts.messages import Digest, Form, Message, Pickup
from alerts.wording.digest_text import digest_period, digest_title, plain_digest, sections
from alerts.wording.excerpt import clean
from alerts.wording.render import (
    because,
    by_sentence,
    gist,
    is_day,
    moment,
    pieces,
    plain,
    related_links,
    rest_text,
    severity_dots,
    severity_text,
    source_of,
    title_of,
    voices,
)
from extractors.records import Alert

Json = dict[str, Any]

EVENT = "brinkwatch_alert"
"""The event type in the metadata by which our own messages are found again."""
DIGEST = "brinkwatch_digest"
"""The event type of a digest: its alerts have messages of their own, or none, and are not looked for in it."""
ACTION = "brinkwatch."
"""How the ids of our buttons begin."""
BUTTONS = {
    "mute": ("Mute for a week", "No more alerts on this weapon's steps, this weapon, or by this speaker are sent."),
    "false_positive": ("False positive", "It leaves every view and table of counts; the message says who marked it."),
    "who": ("Who said that", ""),
    "why": ("Show why", ""),
}
"""Each button with its label, and what is asked before it acts."""
IN_FULL = 5
"""How many alerts of a story are shown with sentence and reason; further ones are only named."""
NAMED = 10
"""How many alerts are named by headline."""

_HEADER = 150
_LINE = 200
_WHY = 400
_LINK = 500
_FORMAT = "{date_short_pretty} {time}"


def payload(message: Message, *, pickup: Pickup | None = None, note: str = "", buttons: bool = False) -> Json:
    """Return ``text``, ``blocks`` and ``metadata`` of a message, as posting and updating expect them.

    With ``buttons``, each alert of a story has some below its sentence.
    """
    body = _story(message, buttons=buttons) if message.form is Form.STORY else _list(message)
    extra = [_context(_plain(text)) for text in (str(pickup or ""), clean(note)) if text]
    return {
        "text": escape(_clip(plain(message, pickup=pickup), 3_000)),
        "blocks": [_header(title_of(message)), *body, *_mentions(message), *extra],
        "metadata": metadata(message),
    }


def digest_payload(digest: Digest) -> Json:
    """Return ``text``, ``blocks`` and ``metadata`` of a digest."""
    blocks = [_header(digest_title(digest)), _context(_plain(digest_period(digest)))]
    for section in sections(digest):
        blocks.append(_rich(_section([_text(section.heading, bold=True)]), _bullets(section.named)))
        blocks += [_context(_plain(section.rest))] if section.rest else []
    return {
        "text": escape(_clip(plain_digest(digest), 3_000)),
        "blocks": blocks,
        "metadata": {"event_type": DIGEST, "event_payload": {"digest": digest.id}},
    }


def digest_in(message: Json) -> str:
    """Return the id of the digest that a message from Slack is; empty if it is none of ours."""
    data = message.get("metadata")
    found = data.get("event_payload") if isinstance(data, dict) and data.get("event_type") == DIGEST else None
    return str(found.get("digest", "")) if isinstance(found, dict) else ""


def metadata(message: Message) -> Json:
    """Return what identifies the message and every alert in it."""
    ids = "".join(alert.id for alert in message.alerts)
    return {"event_type": EVENT, "event_payload": {"message": message.id, "story": message.story or "", "alerts": ids}}


def alerts_in(message: Json) -> tuple[str, list[str]]:
    """Return the story and the alert ids in a message from Slack; empty if it is not ours or is malformed."""
    data = message.get("metadata")
    found = data.get("event_payload") if isinstance(data, dict) and data.get("event_type") == EVENT else None
    if not isinstance(found, dict):
        return "", []
    ids = str(found.get("alerts", ""))
    return str(found.get("story", "")), [ids[place : place + 16] for place in range(0, len(ids), 16)]


def escape(text: str) -> str:
    """Escape the three control characters of Slack's text format."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# --- the two shapes of a message -------------------------------------------------------------------------------------


def _story(message: Message, *, buttons: bool) -> list[Json]:
    ordered = [alert for same in by_sentence(message.alerts) for alert in same]
    blocks: list[Json] = []
    for alerts in by_sentence(ordered[:IN_FULL]):
        blocks += [{"type": "divider"}] if blocks else []
        blocks.append(_alerts(alerts, header=message.alerts[0]))
        blocks += _rows(alerts) if buttons else []
    if rest := ordered[IN_FULL:]:
        blocks.append(_rich(_bullets(rest[:NAMED])))
        if more := rest_text(rest, NAMED):
            blocks.append(_context(_plain(more)))
    return blocks + _source(message)


def _alerts(alerts: Sequence[Alert], *, header: Alert) -> Json:
    """Return the alerts on one sentence, quoting it once; ``header`` is the alert named above all of them."""
    only = len(alerts) == 1 and alerts[0] is header and len(_headline(header)) <= _HEADER
    tops = [_top(alert, named=only) for alert in alerts]
    quote = [_text(piece, bold=key) for piece, key in pieces(alerts)] or [_text("")]
    below: list[Json] = []
    for label, who in voices(alerts):
        below += [_text(f"{label.capitalize()}: ", bold=True), _text(f"{_clip(who, _LINE)}\n")]
    for place, alert in enumerate(alerts):
        below += [_text("\nWhy new: " if place else "Why new: ", bold=True)]
        below += [_text(f"{_clip(clean(alert.why), _WHY)} "), _text(alert.id, code=True)]
    for link in related_links(alerts):
        below += [_text(" "), _link(link, "the line")] if len(link) <= _LINK else []
    return _rich(
        _section([_text("\n".join(tops), bold=True)]), {"type": "rich_text_quote", "elements": quote}, _section(below)
    )


def _top(alert: Alert, *, named: bool) -> str:
    severity = f"{severity_dots(alert.severity)} {severity_text(alert.severity)}"
    return severity if named else f"{severity}  {_headline(alert)}"


def _headline(alert: Alert) -> str:
    return _clip(clean(alert.headline), _LINE)


def _source(message: Message) -> list[Json]:
    source = source_of(message.alerts[0])
    title = _clip(source.title, _LINE) or "Read the article"
    blocks = [_rich(_section([_link(source.link, title)]))] if source.link else []
    if not source.link and source.title:
        blocks = [_rich(_section([_text(title)]))]
    where = _plain(_clip(f"{source.outlet} · {source.ownership}", _LINE))
    return [*blocks, _context(where, _date("Published", source.published), _date("Seen", source.seen))]


def _mentions(message: Message) -> list[Json]:
    """Mention whom the routing rules name; the ids are checked when the rules are read."""
    called = dict.fromkeys(who for alert in message.alerts for who in alert.mentions)
    elements = [element for who in called for element in (_mention(who), _text(" "))]
    return [_rich(_section(elements))] if elements else []


def _mention(who: str) -> Json:
    if who.islower():
        return {"type": "broadcast", "range": who}
    return {"type": "usergroup", "usergroup_id": who} if who.startswith("S") else {"type": "user", "user_id": who}


def _list(message: Message) -> list[Json]:
    blocks = [_context(_plain(because(message.form))), _rich(_bullets(message.alerts[:NAMED]))]
    if more := rest_text(message.alerts, NAMED):
        blocks.append(_context(_plain(more)))
    return blocks


def _rows(alerts: Sequence[Alert]) -> Iterator[Json]:
    """Yield the buttons of each alert on a sentence, named where there are several."""
    for alert in alerts:
        if len(alerts) > 1:
            yield _context(_plain(_headline(alert)))
        yield _buttons(alert)


def _buttons(alert: Alert) -> Json:
    """Return what can be done about an alert; ``alerts.delivery.slack.interactions`` reads what is clicked."""
    return {"type": "actions", "elements": [_button(action, alert) for action in BUTTONS]}


def _button(action: str, alert: Alert) -> Json:
    label, sure = BUTTONS[action]
    button: Json = {"type": "button", "action_id": f"{ACTION}{action}", "value": alert.id, "text": _plain(label)}
    if not sure:
        return button
    texts = {"title": label, "text": sure, "confirm": label, "deny": "Cancel"}
    return button | {"confirm": {name: _plain(text) for name, text in texts.items()}}


def whisper(text: str) -> Json:
    """Return an answer that one person sees: lines of literal text."""
    clipped = _clip(text, 3_000)
    return {"text": escape(clipped), "blocks": [_rich(_section([_text(clipped)]))]}


def _bullets(alerts: Sequence[Alert]) -> Json:
    return {"type": "rich_text_list", "style": "bullet", "elements": [_section(_bullet(alert)) for alert in alerts]}


def _bullet(alert: Alert) -> Iterable[Json]:
    source = source_of(alert)
    yield _text(f"{severity_text(alert.severity)} ")
    yield _text(_headline(alert), bold=True)
    if said := gist(alert):
        yield _text(f": {said}")
    yield _text(" — ")
    outlet = _clip(source.outlet, 80)
    yield _link(source.link, outlet) if source.link and len(source.link) <= _LINK else _text(outlet)
    yield _text(", ")
    yield _moment(source.published)
    yield _text(" ")
    yield _text(alert.id, code=True)


# --- pieces ----------------------------------------------------------------------------------------------------------


def _clip(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def _header(text: str) -> Json:
    return {"type": "header", "text": _plain(_clip(text, _HEADER) or "Alert")}


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": False}


def _context(*elements: Json) -> Json:
    return {"type": "context", "elements": list(elements)}


def _rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def _section(elements: Iterable[Json]) -> Json:
    return {"type": "rich_text_section", "elements": list(elements)}


def _text(text: str, **style: bool) -> Json:
    element: Json = {"type": "text", "text": text or "…"}
    on = {name: True for name, wanted in style.items() if wanted}
    return element | {"style": on} if on else element


def _link(url: str | None, text: str) -> Json:
    return {"type": "link", "url": url, "text": text}


def _moment(when: datetime | None) -> Json:
    """Return an instant within running text."""
    if when is None or is_day(when):
        return _text(moment(when))
    stamp = int(when.astimezone(UTC).timestamp())
    return {"type": "date", "timestamp": stamp, "format": _FORMAT, "fallback": moment(when)}


def _date(label: str, when: datetime | None) -> Json:
    """Return an instant that each reader sees in their own time zone; a day is the same in all of them."""
    if when is None:
        return _plain(f"{label}: unknown")
    if is_day(when):
        return _plain(f"{label} {moment(when)}")
    stamp = int(when.astimezone(UTC).timestamp())
    return {"type": "mrkdwn", "text": f"{label} <!date^{stamp}^{_FORMAT}|{moment(when)}>"}
