"""Which news fires, how severe it is, and which alert of an article covers another. Pure: time is an argument."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

from alerts.policy.crossings import Forms, changes_of, is_named
from alerts.policy.holdings import Holding, Holdings
from alerts.policy.routing import Facts, Routing, route
from alerts.policy.severity_scale import MOST_SEVERE, Scale, shipped_scale
from alerts.wording.changes import Changes, changes_text
from alerts.wording.excerpt import clean, excerpt, sentence_around
from alerts.wording.headline import evidence, headline, stage_headline, voice
from extractors.actors.spellings import unmarked
from extractors.records import (
    TOO_UNSURE,
    Alert,
    AlertKind,
    Article,
    Kind,
    News,
    Said,
    Speech,
    Stage,
    Statement,
    Transfer,
    WeaponMention,
    content_id,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySettings:
    """What an operator can configure."""

    backlog_after: timedelta = timedelta(hours=72)
    """Articles published longer ago than this raise no message of their own."""
    routing: Routing = field(default_factory=Routing)
    """Where alerts go, whom they mention, and what is held back or muted."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Readable names by id: ``{"UA": "Ukraine", "storm-shadow": "Storm Shadow"}``."""
    scale: Scale = field(default_factory=shipped_scale)
    """How severe news is, and which genres raise no alerts."""
    holdings: Holdings = field(default_factory=Holdings)
    """Who is known to hold and use what."""
    forms: Forms = field(default_factory=dict)
    """Names of a side in texts, by its id: ``{"UA": ("Ukraine", "Kyiv", "Ukrainian")}``."""
    arms: frozenset[str] = frozenset()
    """Words for arms and fighting, single or in pairs, in small letters and without names of sides."""
    deeds: frozenset[str] = frozenset()
    """Words for what is done with arms, in the same form."""


_WAY = (Stage.REQUESTED, Stage.PLEDGED, Stage.DELIVERED, Stage.USED)
"""The stages in their usual order: an article that reports a later one tells the earlier ones as history."""
_TOLD = "reported by alert "
_CLASS_OF_SHIPS = re.compile(r"[ -]class\b", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"\b(?:crash(?:es|ed|ing)?|(?:mal|ransom)ware|hackers?|phishing|plead(?:s|ed) guilty|(?:was|were|is|are) sentenced"
    r"|sentenced to|convicted|prosecutors?|defendants?|on trial|jail(?:ed|s)?|interpol|smuggl\w+"
    r"|police (?:seiz|f[io]und|arrest|recover)\w*|films?|filmmakers?|movies?|video ?games?|collectors?|auction(?:s|ed)?"
    r"|cricket(?:ers?)?|football(?:ers?)?|rugby|quarterbacks?|champions? league)\b",
    re.IGNORECASE,
)
"""Words of accidents, crimes, films, collections and games."""
_GOES_ON = re.compile(
    r"\b(?:fight(?:ing)? (?:on|to the (?:very )?end)|(?:go|going|carry|press|keep|push) on|continu(?:e|es|ing)"
    r"|last|endure|(?:wo|would)n['’]t (?:stop|end|cease)|not (?:stop|end|cease)|stay the course)\b",
    re.IGNORECASE,
)
"""What is promised where all goes on as it is."""
_ENDS = re.compile(r"\b(?:until|unless|if)\b", re.IGNORECASE)
_EXPLAINS = re.compile(
    r"(?:How|Why)\b|(?:Is|Are|Was|Can|Could|Will|Would|Do|Does|Did|Has|Have|Should)\b[^?]*\?$", re.IGNORECASE
)
"""A title under which what was said before is told again to explain it."""
_WORD = re.compile(r"[a-z]+")
_REACH = 2_000
"""Code points on either side of a weapon's name in which those who hold it are looked for."""


def decide(news: Sequence[News], *, now: datetime, settings: PolicySettings) -> list[Alert]:
    """Return one alert per piece of news, in the same order; those not to be sent give the reason in ``suppressed``.

    The rules are applied twice: an alert that they never send must not cover others, and one that covers others is
    routed with the highest severity among them.
    """
    by_article: dict[str, list[int]] = {}
    for place, item in enumerate(news):
        by_article.setdefault(item.article.id, []).append(place)
    decided: dict[int, Alert] = {}
    for places in by_article.values():
        told = [news[place] for place in places]
        alerts = [_alert(item, told, now=now, settings=settings) for item in told]
        inhibited = zip(told, _inhibit(told, alerts), strict=True)
        routed = [_routed(alert, item, told, now=now, settings=settings) for item, alert in inhibited]
        decided |= zip(places, routed, strict=True)
    return [decided[place] for place in range(len(news))]


def _alert(item: News, news: Sequence[News], *, now: datetime, settings: PolicySettings) -> Alert:
    """Return the alert on ``item``; ``news`` is everything new in its article."""
    article = item.article
    span, marks = evidence(item, news)
    sentence, shown = excerpt(article.document, span, marks)
    speaker, role = voice(item, settings.names)
    changes = _changes(item, settings)
    severity = settings.scale.of_changes(settings.scale.of_news(item), changes)
    why = ". ".join(
        _sentence_case(clean(each)) for each in (changes_text(changes, item, settings.names), item.why) if each
    )
    return Alert(
        id=content_id("alert", item.kind, item.claim),
        kind=item.kind,
        claim=item.claim,
        article=article.id,
        story=article.story or content_id("story", article.identity or article.id),
        headline=headline(item, settings.names, changes=changes),
        why=why,
        sentence=sentence,
        marks=shown,
        severity=severity,
        speaker=speaker,
        role=role,
        outlet=clean(article.source) if article.source else None,
        ownership=article.ownership,
        title=clean(article.title),
        url=article.url,
        published=article.published,
        seen=article.seen or now,
        backlog=_is_backlog(article, now=now, settings=settings),
        suppressed=_never_sent(item, settings)
        or route(
            _facts(item, news, severity, settings), now=now, routing=settings.routing, minor=_minor(item, settings)
        ).suppressed,
        related=changes.related,
        related_url=changes.line.url if changes.line else None,
    )


def _routed(alert: Alert, item: News, news: Sequence[News], *, now: datetime, settings: PolicySettings) -> Alert:
    """Return ``alert`` with its destination and how that was decided."""
    never, minor = _never_sent(item, settings), _minor(item, settings) or _only_named(item, settings)
    if never or (alert.suppressed or "").startswith(_TOLD):
        return replace(alert, decision=(never or alert.suppressed or "",))
    facts = _facts(item, news, alert.severity, settings)
    decision = route(facts, now=now, routing=settings.routing, minor=minor)
    return replace(
        alert,
        severity=decision.severity,
        channel=decision.channel,
        mentions=decision.mentions,
        not_before=None if alert.backlog and decision.suppressed else decision.not_before,
        suppressed=decision.suppressed,
        decision=decision.steps,
    )


def corrected(
    alert: Alert, *, before: Transfer, after: Transfer, weapon: str, by: str, names: Mapping[str, str], scale: Scale
) -> Alert:
    """Return an alert on a transfer as it reads after ``by`` corrected it; ``weapon`` is the name of the weapon.

    Its severity changes by the difference between the two stages on ``scale``. What was decided about it stays.
    """
    change = scale.stages[after.stage] - scale.stages[before.stage]
    return replace(
        alert,
        headline=stage_headline(after, clean(weapon), names),
        why=f"Corrected by {by}; read at first as “{alert.headline}”",
        severity=min(MOST_SEVERE, max(1, alert.severity + change)),
    )


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def _is_backlog(article: Article, *, now: datetime, settings: PolicySettings) -> bool:
    """Whether an article is backlog; without a date, that depends on the fetch that brought it."""
    old = article.published is not None and now - article.published > settings.backlog_after
    return article.backlog or old


# --- what is not sent ------------------------------------------------------------------------------------------------


def _never_sent(item: News, settings: PolicySettings) -> str | None:
    """Return why news of this kind is only stored, whatever the rules."""
    scale = settings.scale
    if item.kind is AlertKind.NEW_STATEMENT and item.statement:
        genre = scale.quiet_genres.get(item.article.genre)
        if item.statement.kind is Kind.COMMENTARY:
            return "commentary is never alerted"
        if item.statement.side is None:
            return "it is not known which state or organisation this is said for"
        return f"{genre} draws no red line and makes no threat" if genre else None
    if (
        item.weapon
        and not item.weapon.specific
        and (item.kind is AlertKind.NEW_WEAPON or not scale.is_severe(item.weapon))
    ):
        return "a class of weapons, not a system"
    known = None if _changes(item, settings).reverses else _known_before(item, settings)
    return f"known before: {_known_text(known, item, settings)}" if known else None


def _known_before(item: News, settings: PolicySettings) -> Holding | None:
    """Return what makes it no news that a weapon is there: a system is new in a theatre, or with a new user.

    What became known after the article appeared does not count, so that an archive is alerted as it was news then.
    """
    at = item.article.published or item.article.seen
    if item.kind is AlertKind.NEW_WEAPON and item.weapon and item.weapon.known:
        where = _around(item.article, item.weapon)
        holders = settings.holdings.holders(item.weapon, at=at)
        return next((each for each in holders if is_named(where, each.holder, settings.forms)), None)
    if item.kind is AlertKind.NEW_STAGE and (transfer := item.transfer):
        family = item.weapon.family if item.weapon else None
        return settings.holdings.had(transfer.weapon, family, transfer.recipient, transfer.stage, at=at)
    return None


def _around(article: Article, mention: WeaponMention) -> str:
    """Return the title and what stands around a mention: where sides are named, however long the article is."""
    low, high = max(0, mention.start - _REACH), mention.end + _REACH
    return f"{article.title}\n{article.document[low:high]}"


def _known_text(known: Holding, item: News, settings: PolicySettings) -> str:
    holder = settings.names.get(known.holder, known.holder)
    uses = "uses" if item.transfer and item.transfer.stage is Stage.USED else "holds"
    since = f" since {known.since}" if known.since else ""
    return f"{holder} {uses} it{since} ({known.source})"


def _changes(item: News, settings: PolicySettings) -> Changes:
    """Return what ``item`` changes; what was so before crosses no line."""
    makers = settings.holdings.makers
    maker = makers.get(item.transfer.weapon) if item.transfer else None
    changes = changes_of(item, forms=settings.forms, maker=maker)
    return replace(changes, crosses=None, defies=None, others=0) if _known_before(item, settings) else changes


def _minor(item: News, settings: PolicySettings) -> str:
    """Return why news is only for the digest, or an empty string."""
    if item.kind is AlertKind.NEW_WEAPON and item.weapon:
        return _minor_weapon(item.article, item.weapon, settings)
    if item.kind is AlertKind.NEW_STAGE and item.transfer:
        return _minor_stage(item, item.transfer, settings)
    if item.kind is AlertKind.NEW_STATEMENT and item.statement:
        return _minor_statement(item, item.statement, settings)
    return ""


def _minor_weapon(article: Article, weapon: WeaponMention, settings: PolicySettings) -> str:
    if article.genre == "anniversary":
        return "a look back at an anniversary brings no new weapon"
    if _EXPLAINS.match(article.title):
        return "named under a title that asks or explains"
    if not weapon.known and _CLASS_OF_SHIPS.search(weapon.name):
        return "a class of ships, which sails for decades before its name is read here"
    low, high = sentence_around(article.document, weapon.start, weapon.end)
    sentence = article.document[low:high]
    if settings.forms and not _sides_named(sentence, settings.forms):
        return "no side is named with it"
    if _ELSEWHERE.search(f"{article.title}\n{sentence}"):
        return "a crash, a crime, a film or a game is told"
    above = article.title if low >= len(article.title) else ""
    beside = f"{above}\n{article.document[low : weapon.start]} {article.document[weapon.end : high]}"
    return _minor_name(weapon, beside, settings) if weapon.known and settings.arms else ""


def _minor_name(weapon: WeaponMention, beside: str, settings: PolicySettings) -> str:
    """Return why the name of a listed system is only for the digest; ``beside`` is the rest of its sentence and title.

    A name without a word of arms is a namesake's: a surname, a car. One beside a single side, with which nothing is
    done, only occurs.
    """
    words = _WORD.findall(beside.lower())
    told = {*words, *map(" ".join, pairwise(words))}
    done, between = not settings.deeds.isdisjoint(told), len(_sides_named(beside, settings.forms)) > 1
    if settings.arms.isdisjoint(told) and not (done and between):
        return "nothing of arms is told with it"
    light = settings.scale.of_weapon(weapon) < settings.scale.severe_weapons
    return "one side has it, and nothing is done with it" if light and not (done or between) else ""


def _minor_stage(item: News, transfer: Transfer, settings: PolicySettings) -> str:
    if genre := settings.scale.quiet_genres.get(item.article.genre):
        return f"{genre} reports no news of transfers"
    if transfer.stage is Stage.CONSIDERED:
        return "only considered"
    if transfer.confidence < settings.scale.least_confidence_of_stages:
        return f"{TOO_UNSURE} ({transfer.confidence:.2f})"
    if transfer.asked_by_others:
        return f"{TOO_UNSURE} (others ask for it, not the recipient)"
    return "the recipient has it already" if _has_it_already(item, transfer, settings) else ""


def _minor_statement(item: News, said: Statement, settings: PolicySettings) -> str:
    if before := _told_before(item, said, settings):
        return before
    if said.confidence < settings.scale.surely_said(said.severity):
        return f"{TOO_UNSURE} ({said.confidence:.2f})"
    if said.speech is Speech.DIRECT and not (said.condition or said.consequence):
        return "a quotation that names neither an act nor a harm"
    if said.end > len(item.article.title) and _EXPLAINS.match(item.article.title):
        return "told under a title that asks or explains"
    if _GOES_ON.search(said.consequence or "") and not _ENDS.search(said.quote):
        return "it promises to go on with what is done"
    return "it is only supposed who says it" if said.speaker_supposed else ""


def _told_before(item: News, said: Statement, settings: PolicySettings) -> str:
    """Return which earlier words of its side leave nothing to tell, or an empty string."""
    if any(line.still and line.severity >= said.severity for line in item.lines):
        return "its side drew this limit days ago, and no less severely"
    if any(_tells_as_much(before, said, settings) for before in item.said):
        return "its side said as much on this matter within two days, and no less severely"
    return ""


def _tells_as_much(before: Said, said: Statement, settings: PolicySettings) -> bool:
    """Whether what a side said before was told and is as grave, and no other person or organ of its list says this."""
    speakers = {before.speaker_id, said.speaker_id} - {said.side}
    two_voices = len(speakers) > 1 and settings.names.keys() >= speakers
    sure = before.confidence >= settings.scale.surely_said(before.severity)
    return sure and before.severity >= said.severity and not two_voices


def _only_named(item: News, settings: PolicySettings) -> str:
    """Return why a listed system that no other alert tells of is only for the digest: what becomes of it is a stage."""
    weapon = item.weapon if item.kind is AlertKind.NEW_WEAPON else None
    named = weapon and weapon.known and settings.scale.of_weapon(weapon) < settings.scale.named_weapons
    return "a listed system that is only named" if named else ""


def _sides_named(text: str, forms: Forms) -> set[str]:
    """Return the sides that ``text`` names; whoever speaks for one of them is none besides it."""
    plain = unmarked(text)
    named = {
        side: set(names)
        for side, names in forms.items()
        if any(name in plain for name in names) and is_named(text, side, forms)
    }
    return {side for side, names in named.items() if not any(names < others for others in named.values())}


def _has_it_already(item: News, transfer: Transfer, settings: PolicySettings) -> bool:
    """Whether what is asked for or promised was delivered or used before, and nothing is crossed or reversed."""
    behind = transfer.stage in _WAY[:2] and any(step.stage in _WAY[2:] for step in item.steps)
    changes = _changes(item, settings)
    return behind and not (changes.line or changes.reverses)


def _facts(item: News, news: Sequence[News], severity: int, settings: PolicySettings) -> Facts:
    """Return the facts for the rules; a weapon on its own takes the countries of the rest of its article."""
    sides = _sides(item)
    lands = sides | _addressee(item, settings)
    told = [other.weapon for other in news if other is item or (other.weapon and _is_about(item, other.weapon))]
    mentions = [weapon for weapon in (item.weapon, *told) if weapon]
    speakers = {item.statement.speaker_id} if item.statement else set()
    weapons = {weapon.weapon for weapon in mentions} | {weapon.family for weapon in mentions}
    weapons |= {item.transfer.weapon} if item.transfer else set()
    return Facts(
        kind=item.statement.kind if item.statement else item.kind.removeprefix("new_"),
        severity=severity,
        sides=_named(sides),
        countries=_named(lands or {land for other in news for land in _sides(other) | _addressee(other, settings)}),
        speakers=_named(speakers),
        weapons=_named(weapons),
        categories=_named(weapon.category for weapon in mentions),
        ids=_named({item.claim, item.article.feed} | sides | speakers | weapons),
    )


def _named(ids: Iterable[str | None]) -> frozenset[str]:
    return frozenset(each for each in ids if each)


def _sides(item: News) -> set[str | None]:
    """Return who speaks, supplies or receives."""
    if item.statement:
        return {item.statement.side} - {None}
    return {item.transfer.supplier, item.transfer.recipient} - {None} if item.transfer else set()


def _addressee(item: News, settings: PolicySettings) -> set[str | None]:
    """Return the id of the addressee, whom the statement gives by name."""
    wanted = item.statement.addressee if item.statement else None
    return {each for each, name in settings.names.items() if name == wanted} if wanted else set()


def _inhibit(news: Sequence[News], alerts: Sequence[Alert]) -> list[Alert]:
    """Let one alert of an article cover others that would repeat it."""
    out = list(alerts)
    for place, item in enumerate(news):
        if out[place].suppressed is not None:
            continue
        teller = _later_stage(item, news, out) if item.transfer else _other_statement(place, news, out)
        if teller is not None:
            out[place], out[teller] = _absorb(out[place], out[teller])
    for place, item in enumerate(news):
        if item.kind is not AlertKind.NEW_WEAPON or item.weapon is None or out[place].suppressed:
            continue
        teller = _teller(item.weapon, news, out)
        if teller is not None:
            out[place], out[teller] = _absorb(out[place], out[teller])
    return out


def _absorb(covered: Alert, teller: Alert) -> tuple[Alert, Alert]:
    """Let an alert also tell a new weapon, an earlier stage or another statement, instead of a second."""
    also = (
        covered.headline if covered.kind is AlertKind.NEW_STATEMENT else f"{covered.why[:1].lower()}{covered.why[1:]}"
    )
    why = f"{teller.why.rstrip('.')}. Also: {also}"
    severity = max(teller.severity, covered.severity)
    return replace(covered, suppressed=f"{_TOLD}{teller.id}"), replace(teller, why=why, severity=severity)


def _other_statement(place: int, news: Sequence[News], alerts: Sequence[Alert]) -> int | None:
    """Return the index of the alert that tells for all statements of a speaker in an article: the first most severe."""
    said = news[place].statement
    if said is None or said.speaker is None:
        return None
    of_speaker = [
        at
        for at, other in enumerate(news)
        if other.statement and other.statement.speaker == said.speaker and alerts[at].suppressed is None
    ]
    teller = max(of_speaker, key=lambda at: (alerts[at].severity, -at))
    return teller if teller != place else None


def _later_stage(item: News, news: Sequence[News], alerts: Sequence[Alert]) -> int | None:
    """Return the index of the alert with the latest stage of the same transfer: a delivery covers the pledge."""
    if (one := _on_the_way(item)) is None:
        return None
    later = {
        place: two[1]
        for place, other in enumerate(news)
        if alerts[place].suppressed is None
        and (two := _on_the_way(other)) is not None
        and two[0] == one[0]
        and two[1] > one[1]
    }
    return max(later, key=lambda place: later[place], default=None)


def _on_the_way(item: News) -> tuple[tuple[str, str | None], int] | None:
    """Return which transfer this is about and the order of its stage; None for anything else."""
    transfer = item.transfer
    if item.kind is not AlertKind.NEW_STAGE or transfer is None or transfer.stage not in _WAY:
        return None
    return (transfer.weapon, transfer.recipient), _WAY.index(transfer.stage)


def _teller(weapon: WeaponMention, news: Sequence[News], alerts: Sequence[Alert]) -> int | None:
    """Return the index of the most severe alert that mentions ``weapon``."""
    places = [place for place, item in enumerate(news) if alerts[place].suppressed is None and _is_about(item, weapon)]
    return max(places, key=lambda place: (alerts[place].severity, -place), default=None)


def _is_about(item: News, weapon: WeaponMention) -> bool:
    if item.kind is AlertKind.NEW_STAGE and item.transfer:
        return item.transfer.weapon == weapon.weapon
    if item.kind is AlertKind.NEW_STATEMENT and item.statement:
        inside = item.statement.start <= weapon.start and weapon.end <= item.statement.end
        return inside or _spelled(weapon.text) in _spelled(item.statement.quote)
    return False


def _spelled(text: str) -> str:
    """Return a text in which a name can be found whether it is written Satan II or Satan-II."""
    return "".join(each for each in text.casefold() if each not in " -‐‑–")
