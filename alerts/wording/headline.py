"""How a piece of news reads: headline, sentence, key words and speaker."""

import re
from collections.abc import Mapping, Sequence

from alerts.wording.changes import Changes, headline_end
from alerts.wording.excerpt import Span, clean, sentence_around, whole_sentences
from extractors.records import AlertKind, Kind, News, Stage, Statement, Transfer

_COMPOUND = re.compile(r"(?<=^anti)_|_(?=to_)|(?<=_to)_|_(?=launched_)")
_RED_LINE = re.compile(r"\bred[ -]lines?\b", re.IGNORECASE)
_BELOW = 1_500
"""Code points below a title in which the same is told in a sentence."""
_MATTER = 90
"""Characters of a headline that say what a statement is about."""
_OPENERS = re.compile(
    r"(?:If|Any|The|An?|Should|When|In|Even|Once|As|Such|These|This|That|Unless|Every|Each|Another|Further|No|We|They|It"
    r"|Supplying|Supply|Delivery|Delivering|Providing|Sending|Allowing|Using|Deploying|Deployment|Attempts?|Attacks?)\b"
)
"""Words that lose their capital where a sentence is quoted from its beginning."""
_LEADING = re.compile(r"^(?:and|or|but|that|which|who) ", re.IGNORECASE)
_TRAILING = re.compile(
    r" (?:a|an|the|any|some|every|one|its|their|his|her|our|this|that|which|who|of|to|in|by|on|at|for|from|with|against"
    r"|over|into|due|as|and|or|but|if|is|are|be|was|were|coming|next|upcoming|following)$",
    re.IGNORECASE,
)
"""Words at either end of what a headline takes from a sentence that need another one beside them."""
_LACKS_NOUN = re.compile(
    r"\b(?:coming|next|upcoming|following|same|own|other|such|very|further|new|several|many|entire|international|national"
    r"|foreign|military|naval|nuclear|economic|diplomatic|political|strategic|joint|armed|ballistic|hypersonic"
    r"|(?:long|short|medium)-range|neighbou?ring|decision-making)$",
    re.IGNORECASE,
)
_NOUN = re.compile(
    r" (?!(?:and|or|but|nor|if|unless|until|when|while|as|than|that|which|who|to|of|in|on|at|by|for|from|with|against"
    r"|over|after|before|because|is|are|was|were|will|would|has|have|had|can|could|may|might|should|said|says)\b)"
    r"[a-z][\w’-]*"
)
"""Words that need a noun behind them, and one that follows."""
_ONLY_PLACE = re.compile(r"\s*(?:in|at|on|over|near|around) (?:the )?[A-Z][\w’'-]*(?: [A-Z][\w’'-]*)*\s*")
"""What says where, and not what: "in Ukraine"."""
_NAME_CUT = re.compile(r"\b[A-Z][\w’-]*$")
_REST_OF_NAME = r"(?: [A-Z][\w’-]++(?! (?:has|have|had|is|was|will|would|said|says|told|warned)\b))*"
_CAPITALISED_END = re.compile(r"(?: [A-Z][\w’.-]*)+$")
_OPEN_BRACKET = re.compile(r"\s*[\[(][^\])]*$")
_OPENS_QUOTATION = re.compile(r"\s+[‘'“\"]+\s*$")
_REST_OF_BRACKET = re.compile(r"[^\[\]()]{0,40}[\])]")
_PLURAL = re.compile(
    r"\b(?:Houthis|Taliban|[Ff]orces|Guards|Brigades|[Rr]ebels|[Oo]fficials|[Mm]ilitants|[Ll]eaders|[Ff]ighters)"
    r"(?: (?:in|of|from) .*)?$"
)


def headline(item: News, names: Mapping[str, str], *, changes: Changes | None = None) -> str:
    """Return what is new, in a few words. ``names`` holds readable names by id."""
    changes = changes or Changes()
    if item.kind is AlertKind.NEW_STATEMENT and item.statement:
        return _statement_headline(item.statement, names, again=changes.redraws is not None)
    if item.kind is AlertKind.NEW_STAGE and item.transfer:
        return stage_headline(item.transfer, _weapon_name(item, names), names) + headline_end(changes, names)
    weapon = item.weapon
    if weapon is None:
        raise ValueError(f"news without a signal: claim {item.claim}")
    kind = category_text(weapon.category)
    listed = "" if weapon.known else ", not listed so far"
    return f"New weapon: {clean(weapon.name)}{f' ({kind})' if kind else ''}{listed}"


def category_text(category: str) -> str:
    """Return a category as it is written: ``air_to_surface_missile`` as "air-to-surface missile"."""
    return _COMPOUND.sub("-", clean(category)).replace("_", " ")


def _statement_headline(statement: Statement, names: Mapping[str, str], *, again: bool) -> str:
    speaker = capitalised(clean(statement.speaker or "") or _name(statement.side, None, names) or "An official")
    return f"{speaker} {_does(statement, plural=bool(_PLURAL.search(speaker)), again=again)}{_matter(statement)}"


def _does(statement: Statement, *, plural: bool, again: bool) -> str:
    to, kind = clean(statement.addressee or ""), "nuclear " if statement.nuclear else ""
    if statement.kind is not Kind.THREAT:
        drawn = f"{'draw' if plural else 'draws'} a {kind}red line{' again' if again else ''}"
        return f"{drawn} for {to}" if to else drawn
    if not to:
        return f"{'make' if plural else 'makes'} a {kind}threat"
    if statement.nuclear:
        return f"{'make' if plural else 'makes'} a nuclear threat against {to}"
    return f"{'threaten' if plural else 'threatens'} {to}"


def _matter(statement: Statement) -> str:
    """Return what a statement is about, after a colon: the act it forbids, or else the harm it announces."""
    parts = (statement.condition, statement.consequence)
    parts = parts if statement.kind is Kind.RED_LINE else parts[::-1]
    said = next((part for part in parts if part and not _ONLY_PLACE.fullmatch(part)), "")
    words = _without_loose_ends(re.sub(r"[“”\"]", "", clean(_whole(said, statement.quote))))
    if len(words.split()) < 2:
        return ""
    words = words[:1].lower() + words[1:] if _OPENERS.match(words) else words
    return f": {words if len(words) <= _MATTER else _shortened(words)}"


def _shortened(words: str) -> str:
    """Return the beginning of ``words``, which ends neither inside a name nor inside a bracket."""
    kept = words[: _MATTER - 1].rsplit(" ", 1)[0]
    if words[len(kept) + 1 : len(kept) + 2].isupper():
        kept = _CAPITALISED_END.sub("", kept) or kept
    return f"{_without_loose_ends(_OPEN_BRACKET.sub('', kept))}…"


def _whole(part: str, quote: str) -> str:
    """Return ``part`` of a quote with what it cuts of words, names and brackets, and the noun that its last word needs.

    "-16 jets" is part of "F-16 jets", and "in the coming" of "in the coming weeks".
    """
    part = _OPENS_QUOTATION.sub("", part)
    start = quote.find(part) if part else -1
    if start < 0:
        return part
    before, after = quote[:start], quote[start + len(part) :]
    lead = re.search(r"[\w.-]*$", before) if part[0].isalnum() or part[0] in "-’'" else None
    name = _NAME_CUT.search(part)
    tail = re.match(rf"[\w’'-]*(?:\.\w\.)*{_REST_OF_NAME if name else ''}", after)
    words = f"{lead.group() if lead else ''}{part}{tail.group() if tail else ''}"
    end = start + len(part) + (tail.end() if tail else 0)
    if noun := _LACKS_NOUN.search(words) and _NOUN.match(quote, end):
        return f"{words}{noun.group()}"
    rest = _REST_OF_BRACKET.match(quote, end)
    return f"{words}{rest.group()}" if rest and _OPEN_BRACKET.search(words) else _OPEN_BRACKET.sub("", words)


def _unpunctuated(words: str) -> str:
    """Return words without punctuation at their ends, except the last full stop of "U.S."."""
    bare = words.strip(" ,;:.")
    return f"{bare}." if re.search(r"\.\w$", bare) else bare


def _without_loose_ends(words: str) -> str:
    """Return words without what only joins them to others: conjunctions before, prepositions and articles behind."""
    words = _LEADING.sub("", _unpunctuated(words))
    while (cut := _TRAILING.sub("", words)) != words:
        words = _unpunctuated(cut)
    if words[:1] in "‘'" and words[-1:] in "’'":
        return words[1:-1]
    return words.rstrip("’'") if not re.search(r"[‘']", words[:-1]) else words


def capitalised(text: str) -> str:
    """Return ``text`` with a capital at its beginning, and without an article before a name."""
    text = re.sub(r"^the (?=[A-Z])", "", text)
    return text[:1].upper() + text[1:]


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
"""How a stage reads if both sides are known, and how it begins if one of them is not."""

_GIVEN_TO = {Stage.REFUSED, Stage.PLEDGED, Stage.DELIVERED, Stage.USE_PERMITTED, Stage.USE_REFUSED}
_RECIPIENT_ACTS = {Stage.REQUESTED, Stage.USED}


def stage_headline(transfer: Transfer, weapon: str, names: Mapping[str, str]) -> str:
    """Return what happened to ``weapon``, given by its readable name, in a few words."""
    text = _stage_text(transfer, weapon, names)
    return text[:1].upper() + text[1:]


def _stage_text(transfer: Transfer, weapon: str, names: Mapping[str, str]) -> str:
    supplier = _name(transfer.supplier, transfer.supplier_text, names)
    recipient = _name(transfer.recipient, transfer.recipient_text, names)
    full, bare = _STAGES[transfer.stage]
    if recipient and (supplier or transfer.stage is Stage.USED):
        return full.format(supplier=supplier, recipient=recipient, weapon=weapon)
    return bare.format(weapon=weapon) + _rest(transfer.stage, supplier=supplier, recipient=recipient)


def _rest(stage: Stage, *, supplier: str, recipient: str) -> str:
    """Return the end of a headline in which at most one side is known."""
    if stage in _RECIPIENT_ACTS:
        return f" by {recipient}" if recipient else f" from {supplier}" if supplier else ""
    if recipient:
        return f" {'to' if stage in _GIVEN_TO else 'for'} {recipient}"
    return f" by {supplier}" if supplier else ""


def _name(identity: str | None, text: str | None, names: Mapping[str, str]) -> str:
    return clean((identity and names.get(identity)) or text or identity or "")


def _weapon_name(item: News, names: Mapping[str, str]) -> str:
    """Return a readable name: from the mention, the lexicon, the sentence itself, or at worst the id."""
    if item.weapon:
        return clean(item.weapon.name) if item.weapon.specific else _common(clean(item.weapon.text))
    transfer = item.transfer
    slug = transfer.weapon if transfer else ""
    if slug in names:
        return clean(names[slug])
    found = _written(slug).search(item.article.document, transfer.start, transfer.end) if transfer else None
    return clean(found.group()) if found else slug


def _common(noun: str) -> str:
    """Return a class of weapons as in running text: without capitals, except in abbreviations."""
    return " ".join(word.lower() if word[1:].islower() else word for word in noun.split())


def _written(slug: str) -> re.Pattern[str]:
    """Return a pattern for a slug in running text: ``storm-shadow`` as Storm Shadow or Storm-Shadow."""
    return re.compile(r"\b" + r"[\s\-‐‑–]?".join(map(re.escape, slug.split("-"))) + r"s?\b", re.IGNORECASE)


def voice(item: News, names: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Return who said it, and that person's office."""
    if item.statement and item.kind is AlertKind.NEW_STATEMENT:
        speaker = capitalised(clean(item.statement.speaker or "")) or None
        return speaker, _role(speaker or "", clean(item.statement.role or "")) or None
    if item.transfer and item.kind is AlertKind.NEW_STAGE:
        return capitalised(_name(item.transfer.said_by, None, names)) or None, None
    return None, None


def _role(speaker: str, role: str) -> str:
    """Return an office that the name of its holder does not tell already."""
    told = set(re.findall(r"\w+", speaker.casefold()))
    return "" if set(re.findall(r"\w+", role.casefold())) <= told else role


def evidence(item: News, news: Sequence[News]) -> tuple[Span, list[Span]]:
    """Return the sentence and its key words as spans of the document; ``news`` is everything new in the article."""
    document = item.article.document
    if item.kind is AlertKind.NEW_WEAPON and item.weapon:
        weapon = item.weapon
        return sentence_around(document, weapon.start, weapon.end), [(weapon.start, weapon.end)]
    signal = item.statement or item.transfer
    if signal is None:
        raise ValueError(f"news without a signal: claim {item.claim}")
    span = whole_sentences(document, *_place(item))
    weapons = [
        (other.weapon.start, other.weapon.end)
        for other in news
        if other.weapon and span[0] <= other.weapon.start < span[1]
    ]
    return span, weapons + _key_words(signal, document, span)


def _place(item: News) -> Span:
    """Return where the news is told best: a sentence below the title that names the same weapon and sides, if any."""
    document, transfer = item.article.document, item.transfer
    signal = item.statement or transfer
    assert signal is not None
    if transfer is None or transfer.end > len(item.article.title):
        return signal.start, signal.end
    texts = [text for text in (transfer.supplier_text, transfer.recipient_text) if text]
    for found in _written(transfer.weapon).finditer(document, transfer.end, transfer.end + _BELOW):
        start, end = sentence_around(document, *found.span())
        if all(text in document[start:end] for text in texts):
            return start, end
    return transfer.start, transfer.end


def _key_words(signal: Statement | Transfer, document: str, span: Span) -> list[Span]:
    """Return the key words: consequence and condition, or the weapon and the two sides."""
    start, end = span
    if isinstance(signal, Transfer):
        texts = [signal.supplier_text, signal.recipient_text]
        found = [match.span() for match in _written(signal.weapon).finditer(document, start, end)]
    else:
        said = [signal.consequence or signal.cue, signal.condition if not signal.consequence else None]
        texts = [_whole(text, document[start:end]) if text else None for text in said]
        found = [match.span() for match in _RED_LINE.finditer(document, start, end)]
    for text in texts:
        place = document.find(text, start, end) if text else -1
        if text and place >= 0:
            found.append((place, _closed(document, place, place + len(text))))
    return found


def _closed(document: str, start: int, end: int) -> int:
    """Return ``end``, or one more if a quotation mark closes there what the span opens."""
    inside, after = document[start:end], document[end : end + 1]
    opened = inside.count("“") > inside.count("”") if after == "”" else inside.count('"') % 2 == 1 and after == '"'
    return end + 1 if opened else end
