"""How a piece of news reads: its headline, its sentence, the key words in it, and who said it."""

import re
from collections.abc import Mapping, Sequence

from alerts.excerpt import Span, clean, sentence_around
from extractors.records import AlertKind, Kind, News, Stage, Statement, Transfer

_COMPOUND = re.compile(r"(?<=^anti)_|_(?=to_)|(?<=_to)_|_(?=launched_)")
_RED_LINE = re.compile(r"\bred[ -]lines?\b", re.IGNORECASE)


def headline(item: News, names: Mapping[str, str]) -> str:
    """Return what is new, in a few words. ``names`` holds the names a reader knows for ids."""
    if item.kind is AlertKind.NEW_STATEMENT and item.statement:
        return _statement_headline(item.statement, names)
    if item.kind is AlertKind.NEW_STAGE and item.transfer:
        text = _stage_headline(item.transfer, _weapon_name(item, names), names)
        return text[:1].upper() + text[1:]
    weapon = item.weapon
    if weapon is None:
        raise ValueError(f"news without a signal: claim {item.claim}")
    kind = category_text(weapon.category)
    listed = "" if weapon.known else ", on no list so far"
    return f"New weapon: {clean(weapon.name)}{f' ({kind})' if kind else ''}{listed}"


def category_text(category: str) -> str:
    """Return a category as it is written: ``air_to_surface_missile`` as "air-to-surface missile"."""
    return _COMPOUND.sub("-", clean(category)).replace("_", " ")


def _statement_headline(statement: Statement, names: Mapping[str, str]) -> str:
    speaker = clean(statement.speaker or "") or _name(statement.side, None, names) or "An official"
    to = clean(statement.addressee or "")
    kind = "nuclear " if statement.nuclear else ""
    if statement.kind is Kind.THREAT:
        verb = "makes a nuclear threat against" if statement.nuclear else "threatens"
        return f"{speaker} {verb} {to}" if to else f"{speaker} makes a {kind}threat"
    return f"{speaker} draws a {kind}red line{f' for {to}' if to else ''}"


_STAGES: Mapping[Stage, tuple[str, str]] = {
    Stage.REQUESTED: ("{recipient} asks {supplier} for {weapon}", "{weapon} requested"),
    Stage.CONSIDERED: ("{supplier} considers {weapon} for {recipient}", "{weapon} under consideration"),
    Stage.REFUSED: ("{supplier} refuses {weapon} to {recipient}", "{weapon} refused"),
    Stage.PLEDGED: ("{supplier} pledges {weapon} to {recipient}", "{weapon} pledged"),
    Stage.DELIVERED: ("{supplier} delivers {weapon} to {recipient}", "{weapon} delivered"),
    Stage.SUSPENDED: ("{supplier} suspends {weapon} for {recipient}", "{weapon} suspended"),
    Stage.USE_PERMITTED: ("{supplier} permits {recipient} to use {weapon}", "use of {weapon} permitted"),
    Stage.USE_REFUSED: ("{supplier} refuses {recipient} the use of {weapon}", "use of {weapon} refused"),
    Stage.USED: ("{recipient} uses {weapon}", "{weapon} used"),
}
"""How a stage reads with both sides known, and how it begins when one of them is not."""

_GIVEN_TO = {Stage.REFUSED, Stage.PLEDGED, Stage.DELIVERED, Stage.USE_PERMITTED, Stage.USE_REFUSED}
_RECIPIENT_ACTS = {Stage.REQUESTED, Stage.USED}


def _stage_headline(transfer: Transfer, weapon: str, names: Mapping[str, str]) -> str:
    supplier = _name(transfer.supplier, transfer.supplier_text, names)
    recipient = _name(transfer.recipient, transfer.recipient_text, names)
    full, bare = _STAGES[transfer.stage]
    if recipient and (supplier or transfer.stage is Stage.USED):
        return full.format(supplier=supplier, recipient=recipient, weapon=weapon)
    return bare.format(weapon=weapon) + _rest(transfer.stage, supplier=supplier, recipient=recipient)


def _rest(stage: Stage, *, supplier: str, recipient: str) -> str:
    """Return how a headline ends in which one side at most is known."""
    if stage in _RECIPIENT_ACTS:
        return f" by {recipient}" if recipient else f" from {supplier}" if supplier else ""
    if recipient:
        return f" {'to' if stage in _GIVEN_TO else 'for'} {recipient}"
    return f" by {supplier}" if supplier else ""


def _name(identity: str | None, text: str | None, names: Mapping[str, str]) -> str:
    return clean((identity and names.get(identity)) or text or identity or "")


def _weapon_name(item: News, names: Mapping[str, str]) -> str:
    """Return the name a reader knows: from the mention, the lexicon, the sentence itself, or at worst the id."""
    if item.weapon:
        return clean(item.weapon.name) if item.weapon.specific else _common(clean(item.weapon.text))
    transfer = item.transfer
    slug = transfer.weapon if transfer else ""
    if slug in names:
        return clean(names[slug])
    found = _written(slug).search(item.article.document, transfer.start, transfer.end) if transfer else None
    return clean(found.group()) if found else slug


def _common(noun: str) -> str:
    """Return a class of weapons as it is written in running text: no capitals but those of an abbreviation."""
    return " ".join(word.lower() if word[1:].islower() else word for word in noun.split())


def _written(slug: str) -> re.Pattern[str]:
    """Match the ways a slug is written in running text: ``storm-shadow`` as Storm Shadow or Storm-Shadow."""
    return re.compile(r"\b" + r"[\s\-‐‑–]?".join(map(re.escape, slug.split("-"))) + r"s?\b", re.IGNORECASE)


def voice(item: News, names: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Return who said it, and in which office."""
    if item.statement and item.kind is AlertKind.NEW_STATEMENT:
        speaker = clean(item.statement.speaker or "") or None
        return speaker, clean(item.statement.role or "") or None
    if item.transfer and item.kind is AlertKind.NEW_STAGE:
        return _name(item.transfer.said_by, None, names) or None, None
    return None, None


def evidence(item: News, news: Sequence[News]) -> tuple[Span, list[Span]]:
    """Return the sentence and its key words as spans of the document; ``news`` is all that the article brought."""
    document = item.article.document
    if item.kind is AlertKind.NEW_WEAPON and item.weapon:
        weapon = item.weapon
        return sentence_around(document, weapon.start, weapon.end), [(weapon.start, weapon.end)]
    signal = item.statement or item.transfer
    if signal is None:
        raise ValueError(f"news without a signal: claim {item.claim}")
    span = (signal.start, signal.end)
    weapons = [
        (other.weapon.start, other.weapon.end)
        for other in news
        if other.weapon and span[0] <= other.weapon.start < span[1]
    ]
    return span, weapons + _key_words(signal, document)


def _key_words(signal: Statement | Transfer, document: str) -> list[Span]:
    """Return what a reader should see first: the consequence and the limit, or the weapon and the two sides."""
    start, end = signal.start, signal.end
    if isinstance(signal, Transfer):
        texts = [signal.supplier_text, signal.recipient_text]
        found = [match.span() for match in _written(signal.weapon).finditer(document, start, end)]
    else:
        texts = [signal.consequence or signal.cue, signal.condition if not signal.consequence else None]
        found = [match.span() for match in _RED_LINE.finditer(document, start, end)]
    for text in texts:
        place = document.find(text, start, end) if text else -1
        if text and place >= 0:
            found.append((place, _closed(document, place, place + len(text))))
    return found


def _closed(document: str, start: int, end: int) -> int:
    """Return ``end``, or one more where a quotation mark closes what the span opens: half a quotation looks wrong."""
    inside, after = document[start:end], document[end : end + 1]
    opened = inside.count("“") > inside.count("”") if after == "”" else inside.count('"') % 2 == 1 and after == '"'
    return end + 1 if opened else end
