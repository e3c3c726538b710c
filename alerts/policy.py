"""What fires and how loud it is, and which alerts travel as one message. Pure: time and settings are arguments."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alerts.excerpt import clean, excerpt
from alerts.headline import evidence, headline, voice
from alerts.route import Form, Message
from alerts.rules import FOR_DIGEST, Facts, Routing, route
from extractors.records import Alert, AlertKind, Article, Kind, News, Stage, WeaponMention, content_id


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySettings:
    """What an operator may tune."""

    backlog_after: timedelta = timedelta(hours=72)
    """Articles published longer ago than this bring no message of their own."""
    routing: Routing = field(default_factory=Routing)
    """Where alerts go, whom they call, what is held back or muted."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Names a reader knows for ids: ``{"UA": "Ukraine", "storm-shadow": "Storm Shadow"}``."""
    digest_above: int = 30
    """More alerts than this in one cycle become one digest."""


WEAPON_SEVERITY: Mapping[str, int] = {
    "nuclear_weapon": 5,
    "nuclear_torpedo": 5,
    "intercontinental_missile": 5,
    "submarine_launched_missile": 5,
    "biological_weapon": 5,
    "chemical_weapon": 5,
    "ballistic_missile": 4,
    "hypersonic_missile": 4,
    "anti_satellite_weapon": 4,
    "bomber": 4,
    "cruise_missile": 3,
    "anti_ship_missile": 3,
    "air_to_surface_missile": 3,
    "anti_radiation_missile": 3,
    "missile_launcher": 3,
    "rocket_artillery": 3,
    "guided_bomb": 3,
    "cluster_munition": 3,
    "incendiary_weapon": 3,
    "fighter": 3,
    "attack_aircraft": 3,
    "submarine": 3,
    "missile_defence": 3,
    "small_arm": 1,
    "mortar": 1,
    "armoured_vehicle": 1,
    "radar": 1,
    "transport_aircraft": 1,
    "reconnaissance_aircraft": 1,
    "reconnaissance_drone": 1,
}
"""Severity of a new weapon by category: reach and destruction. Categories not named here are 2."""

STAGE_SEVERITY: Mapping[Stage, int] = {
    Stage.REQUESTED: 2,
    Stage.CONSIDERED: 1,
    Stage.REFUSED: 1,
    Stage.PLEDGED: 3,
    Stage.DELIVERED: 3,
    Stage.SUSPENDED: 2,
    Stage.USE_PERMITTED: 4,
    Stage.USE_REFUSED: 2,
    Stage.USED: 4,
}

_ORDER = {AlertKind.NEW_STATEMENT: 0, AlertKind.NEW_STAGE: 1, AlertKind.NEW_WEAPON: 2}
_WAY = (Stage.REQUESTED, Stage.PLEDGED, Stage.DELIVERED, Stage.USED)
"""The way of a weapon: an article that reports a later stage tells the earlier ones as history."""
_TOLD = "told by alert "
_QUIET_GENRES = {"opinion": "an opinion piece", "anniversary": "a look back at an anniversary"}


def decide(news: Sequence[News], *, now: datetime, settings: PolicySettings) -> list[Alert]:
    """Return one alert per piece of news, in the same order; those not to be sent say why in ``suppressed``.

    The rules are asked twice: what they never send must tell nothing for others, and what tells for others is as loud
    as the loudest of them when it is routed.
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


def group(alerts: Iterable[Alert], *, settings: PolicySettings, in_full: Collection[str] = ()) -> list[Message]:
    """Return the messages that tell ``alerts``: one per story, one for the backlog, one for what is left to
    the digest of the day, or one digest of a flood.

    ``in_full`` holds ids of articles that are told like news although they are backlog (the seeds, in a terminal).
    Stories keep the order in which they were found.
    """
    alerts = list(alerts)
    told = [alert for alert in alerts if alert.suppressed is None]
    left = [alert for alert in alerts if (alert.suppressed or "").endswith(FOR_DIGEST)]
    shown = [alert for alert in told if alert.article in in_full]
    backlog = [alert for alert in told if alert.backlog and alert.article not in in_full]
    fresh = [alert for alert in told if not alert.backlog and alert.article not in in_full]
    messages = _stories(shown)
    if left:
        messages.append(Message(form=Form.DAILY, alerts=_gravest_first(left)))
    if backlog:
        messages.append(Message(form=Form.SUMMARY, alerts=_gravest_first(backlog)))
    if len(fresh) > settings.digest_above:
        messages.append(Message(form=Form.DIGEST, alerts=_gravest_first(fresh)))
        return messages
    return messages + _stories(fresh)


def _stories(alerts: Iterable[Alert]) -> list[Message]:
    stories: dict[str, list[Alert]] = {}
    for alert in alerts:
        stories.setdefault(alert.story, []).append(alert)
    return [Message(form=Form.STORY, alerts=_gravest_first(told)) for told in stories.values()]


def _gravest_first(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """Sort by severity; among equals words come before deeds and deeds before bare names."""
    return tuple(sorted(alerts, key=lambda alert: (-alert.severity, _ORDER[alert.kind])))


def _alert(item: News, news: Sequence[News], *, now: datetime, settings: PolicySettings) -> Alert:
    """Tell ``item``; ``news`` is all that its article brought."""
    article = item.article
    span, marks = evidence(item, news)
    sentence, shown = excerpt(article.document, span, marks)
    speaker, role = voice(item, settings.names)
    severity = _severity(item)
    return Alert(
        id=content_id("alert", item.kind, item.claim),
        kind=item.kind,
        claim=item.claim,
        article=article.id,
        story=article.story or content_id("story", article.identity or article.id),
        headline=headline(item, settings.names),
        why=_sentence_case(clean(item.why)),
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
        suppressed=_never_sent(item)
        or route(
            _facts(item, news, severity, settings), now=now, routing=settings.routing, slight=_slight(item)
        ).suppressed,
    )


def _routed(alert: Alert, item: News, news: Sequence[News], *, now: datetime, settings: PolicySettings) -> Alert:
    """Return ``alert`` with where it goes and how that was decided."""
    never, slight = _never_sent(item), _slight(item)
    if never or (alert.suppressed or "").startswith(_TOLD):
        return replace(alert, decision=(never or alert.suppressed or "",))
    facts = _facts(item, news, alert.severity, settings)
    decision = route(facts, now=now, routing=settings.routing, slight=slight)
    return replace(
        alert,
        severity=decision.severity,
        channel=decision.channel,
        mentions=decision.mentions,
        not_before=None if alert.backlog and decision.suppressed else decision.not_before,
        suppressed=decision.suppressed,
        decision=decision.steps,
    )


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def _is_backlog(article: Article, *, now: datetime, settings: PolicySettings) -> bool:
    """An article without a date is as old as the fetch that brought it says."""
    old = article.published is not None and now - article.published > settings.backlog_after
    return article.backlog or old


# --- what is not sent ------------------------------------------------------------------------------------------------


def _never_sent(item: News) -> str | None:
    """Return why news of this sort is stored only, whatever the settings."""
    if item.kind is AlertKind.NEW_STATEMENT and item.statement:
        genre = _QUIET_GENRES.get(item.article.genre)
        if item.statement.kind is Kind.COMMENTARY:
            return "commentary is never alerted"
        if item.statement.side is None:
            return "it is not known for which state or organisation this is said"
        return f"{genre} draws no red line and makes no threat" if genre else None
    if item.weapon and not item.weapon.specific and (item.kind is AlertKind.NEW_WEAPON or _common(item.weapon)):
        return "a class of weapons, not a system"
    return None


def _slight(item: News) -> str:
    """Return why news is for the digest only, or nothing."""
    considered = item.kind is AlertKind.NEW_STAGE and item.transfer and item.transfer.stage is Stage.CONSIDERED
    return "only considered" if considered else ""


def _common(weapon: WeaponMention) -> bool:
    """Whether word of a whole class is too common to tell: nuclear weapons are news, fighter jets are not."""
    return weapon_severity(weapon) < 4


def _facts(item: News, news: Sequence[News], severity: int, settings: PolicySettings) -> Facts:
    """Return what the rules can ask about ``item``; a bare weapon is where the rest of its article plays."""
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
    """Return who speaks, gives or gets."""
    if item.statement:
        return {item.statement.side} - {None}
    return {item.transfer.supplier, item.transfer.recipient} - {None} if item.transfer else set()


def _addressee(item: News, settings: PolicySettings) -> set[str | None]:
    """Return the id of whom a statement is aimed at, which it gives by name."""
    wanted = item.statement.addressee if item.statement else None
    return {each for each, name in settings.names.items() if name == wanted} if wanted else set()


def _inhibit(news: Sequence[News], alerts: Sequence[Alert]) -> list[Alert]:
    """Let one alert of an article tell what others of it would repeat."""
    out = list(alerts)
    for place, item in enumerate(news):
        later = _later_stage(item, news, out) if out[place].suppressed is None else None
        if later is not None:
            out[place] = replace(out[place], suppressed=f"{_TOLD}{out[later].id}")
    for place, item in enumerate(news):
        if item.kind is not AlertKind.NEW_WEAPON or item.weapon is None or out[place].suppressed:
            continue
        teller = _teller(item.weapon, news, out)
        if teller is not None:
            out[place], out[teller] = _absorb(out[place], out[teller])
    return out


def _absorb(weapon: Alert, teller: Alert) -> tuple[Alert, Alert]:
    """Let a statement or stage about a weapon say that the weapon is new, instead of a second alert on it."""
    why = f"{teller.why.rstrip('.')}. Also: {weapon.why[:1].lower()}{weapon.why[1:]}"
    severity = max(teller.severity, weapon.severity)
    return replace(weapon, suppressed=f"{_TOLD}{teller.id}"), replace(teller, why=why, severity=severity)


def _later_stage(item: News, news: Sequence[News], alerts: Sequence[Alert]) -> int | None:
    """Return the place of the alert that takes the same transfer furthest: who delivers need not be said to pledge."""
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
    """Return which transfer this is about, and how far it has come; None for anything else."""
    transfer = item.transfer
    if item.kind is not AlertKind.NEW_STAGE or transfer is None or transfer.stage not in _WAY:
        return None
    return (transfer.weapon, transfer.recipient), _WAY.index(transfer.stage)


def _teller(weapon: WeaponMention, news: Sequence[News], alerts: Sequence[Alert]) -> int | None:
    """Return the place of the gravest alert that speaks of ``weapon``."""
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
    """Return a text in which a name is found whether it is written Satan II or Satan-II."""
    return "".join(each for each in text.casefold() if each not in " -‐‑–")


# --- how loud --------------------------------------------------------------------------------------------------------


def _severity(item: News) -> int:
    if item.kind is AlertKind.NEW_STATEMENT and item.statement:
        return min(5, max(1, item.statement.severity))
    if item.kind is AlertKind.NEW_STAGE and item.transfer:
        grave = item.weapon is not None and weapon_severity(item.weapon) >= 4
        stage = STAGE_SEVERITY[item.transfer.stage]
        return min(5, stage + 1) if grave and stage >= 3 else stage
    return weapon_severity(item.weapon) if item.weapon else 1


def weapon_severity(weapon: WeaponMention) -> int:
    """Return 1–5 for a weapon: by category, and at least 3 for a system that no list holds."""
    by_category = WEAPON_SEVERITY.get(weapon.category, 2)
    return by_category if weapon.known or not weapon.specific else max(3, by_category)
