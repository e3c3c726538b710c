"""The rules of ``seeds/routes.toml``: where an alert goes, whom it mentions, when it waits and when it is not sent.

Pure: time is an argument. Every decision lists the watch lists, silences, rules and quiet hours that led to it.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any, Literal
from zoneinfo import ZoneInfo

from alerts.policy.digest_schedule import DigestPlan, check_channel
from extractors.lexicon import from_row

Kind = Literal["weapon", "stage", "red_line", "threat"]

FOR_DIGEST = "goes to the digest"
MOST_SEVERE = 5
"""Alerts of this severity are never held back."""
_MENTION = re.compile(r"[UWS][A-Z0-9]{2,20}|here|channel|everyone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the rules can know about one alert."""

    kind: str
    severity: int
    sides: frozenset[str] = frozenset()
    """Who speaks, supplies or receives."""
    countries: frozenset[str] = frozenset()
    """The sides and the addressee, which place it in a theatre."""
    speakers: frozenset[str] = frozenset()
    weapons: frozenset[str] = frozenset()
    """Systems and their families."""
    categories: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    """All of these, and the ids of the claim and the feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """Conditions, all of which must hold; one holds if any of its values does. Without any, it always matches."""

    theatres: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    weapons: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    ids: tuple[str, ...] = ()
    """Ids of any kind: weapons, speakers, sides, feeds or claims."""
    severity: int = 1
    """The least severity."""

    def __post_init__(self) -> None:
        if not 1 <= self.severity <= MOST_SEVERE:
            raise ValueError(f"'severity' must be 1 to {MOST_SEVERE}, not {self.severity}")

    def matches(self, facts: Facts, theatres: Mapping[str, Collection[str]]) -> bool:
        """Whether every condition holds for ``facts``."""
        lands = {land for theatre in self.theatres for land in theatres.get(theatre, ())}
        pairs = (
            (self.theatres, facts.countries & lands),
            (self.sides, facts.sides.intersection(self.sides)),
            (self.speakers, facts.speakers.intersection(self.speakers)),
            (self.weapons, facts.weapons.intersection(self.weapons)),
            (self.categories, facts.categories.intersection(self.categories)),
            (self.kinds, facts.kind in self.kinds),
            (self.ids, facts.ids.intersection(self.ids)),
        )
        return facts.severity >= self.severity and all(met for wanted, met in pairs if wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Matcher):
    """Where matching alerts go. The first rule that matches decides."""

    name: str
    send: Literal["now", "digest", "never"] = "now"
    channel: str | None = None
    """Id of a Slack channel, or name of a service; None is the channel of the settings."""
    mention: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        Matcher.__post_init__(self)
        if self.channel:
            check_channel("channel", self.channel)
        if self.send == "never" and (self.channel or self.mention):
            raise ValueError("'send' is 'never': a channel or a mention would have no effect")
        _check_mentions(self.mention)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A watch list: an alert that touches any of its items becomes more severe, or mentions somebody."""

    name: str
    weapons: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    boost: int = 0
    """Steps of severity added."""
    mention: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.boost < MOST_SEVERE:
            raise ValueError(f"'boost' must be 0 to {MOST_SEVERE - 1}, not {self.boost}")
        if not (self.weapons or self.speakers or self.sides):
            raise ValueError("a watch list needs 'weapons', 'speakers' or 'sides'")
        if not (self.boost or self.mention):
            raise ValueError("a watch list needs 'boost' or 'mention': without them it has no effect")
        _check_mentions(self.mention)

    def matches(self, facts: Facts) -> bool:
        """Whether ``facts`` touch any item on the list."""
        items = (self.weapons, facts.weapons), (self.speakers, facts.speakers), (self.sides, facts.sides)
        return any(found.intersection(wanted) for wanted, found in items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence(Matcher):
    """What is stored but not sent, until the silence ends."""

    until: str | None = None
    """ISO date, or date and time; None is for good."""
    reason: str = ""

    def __post_init__(self) -> None:
        Matcher.__post_init__(self)
        if not conditions(self):
            raise ValueError("a silence without conditions would silence everything")
        if self.until:
            _moment(self.until, UTC)

    def ends(self, zone: tzinfo) -> datetime | None:
        """Return when it ends; an ``until`` without an offset is a wall-clock time in ``zone``."""
        return _moment(self.until, zone) if self.until else None


def wall_clock(value: str) -> time:
    """Return a time of day, whose zone another setting names; ValueError for anything else, also for an offset."""
    at = time.fromisoformat(value)
    if at.tzinfo:
        raise ValueError("a time of day has no offset")
    return at


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """Hours in which only alerts of severity 5 are sent; they may cross midnight."""

    start: str
    end: str

    def __post_init__(self) -> None:
        for name, value in (("start", self.start), ("end", self.end)):
            try:
                wall_clock(value)
            except ValueError:
                raise ValueError(f'{name!r} must be a time such as "22:00", not {value!r}') from None
        if wall_clock(self.start) == wall_clock(self.end):
            raise ValueError("'end' is the same as 'start': the span is empty")

    def until(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """Return when the quiet hours at ``now`` end, in UTC; None outside them."""
        here, start, end = now.astimezone(zone), wall_clock(self.start), wall_clock(self.end)
        clock = here.time()
        inside = start <= clock < end if start < end else clock >= start or clock < end
        if not inside:
            return None
        day = here.date() + timedelta(days=clock >= end)
        return datetime.combine(day, end.replace(fold=here.fold), tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """The contents of ``routes.toml``. Without arguments, everything goes to the channel of the settings."""

    zone: str = "UTC"
    """The time zone of every time in the file that names none."""
    theatres: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    watch: tuple[Watch, ...] = ()
    rules: tuple[Rule, ...] = ()
    digest_at: str = "08:00"
    """The wall-clock time in ``zone`` at which digests are sent."""
    digests: tuple[DigestPlan, ...] = ()
    default: Rule = field(default_factory=lambda: Rule(name="default"))
    silences: tuple[Silence, ...] = ()
    quiet_hours: QuietHours | None = None

    def silences_at(self, now: datetime) -> list[Silence]:
        """Return the silences in force."""
        ends = [(silence, silence.ends(ZoneInfo(self.zone))) for silence in self.silences]
        return [silence for silence, end in ends if end is None or end > now]

    def next_digest(self, now: datetime) -> datetime:
        """Return when the first digest after ``now`` is sent, in UTC."""
        here, at = now.astimezone(ZoneInfo(self.zone)), wall_clock(self.digest_at)
        day = here.date() + timedelta(days=here.time() >= at)
        return datetime.combine(day, at, tzinfo=here.tzinfo).astimezone(UTC)

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels and services that rules and digests name, each once."""
        ruled = [rule.channel for rule in (*self.rules, self.default) if rule.channel]
        return tuple(dict.fromkeys([*ruled, *(to for plan in self.digests for to in plan.to)]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of one alert, and the steps that led to it."""

    severity: int
    channel: str | None = None
    mentions: tuple[str, ...] = ()
    not_before: datetime | None = None
    suppressed: str | None = None
    steps: tuple[str, ...] = ()


def route(facts: Facts, *, now: datetime, routing: Routing, minor: str = "") -> Decision:
    """Return what ``routing`` makes of an alert that arrives at ``now``; ``minor`` says why it is only for the digest.

    An alert for the digest is suppressed as a message of its own, and sent in the digest at ``not_before``.
    """
    silences = (each for each in routing.silences_at(now) if each.matches(facts, routing.theatres))
    if silence := next(silences, None):
        why = f"muted: {describe(silence)}"
        return Decision(severity=facts.severity, suppressed=why, steps=(why,))
    watching = [watch for watch in routing.watch if watch.matches(facts)]
    facts = replace(facts, severity=min(MOST_SEVERE, facts.severity + sum(watch.boost for watch in watching)))
    rule = next((rule for rule in routing.rules if rule.matches(facts, routing.theatres)), routing.default)
    steps = (*map(_watch_step, watching), _rule_step(rule, routing))
    called = (*rule.mention, *(who for watch in watching for who in watch.mention))
    decision = Decision(
        severity=facts.severity, channel=rule.channel, mentions=tuple(dict.fromkeys(called)), steps=steps
    )
    if rule.send == "never":
        return replace(decision, suppressed=f"rule {rule.name!r}: is never sent")
    if rule.send == "digest" or minor:
        why = f"{minor or f'rule {rule.name!r}'}: {FOR_DIGEST}"
        return replace(decision, suppressed=why, not_before=routing.next_digest(now), mentions=())
    held, quiet = _held(facts, now=now, routing=routing)
    return replace(decision, not_before=held, steps=(*steps, *quiet))


def _held(facts: Facts, *, now: datetime, routing: Routing) -> tuple[datetime | None, tuple[str, ...]]:
    """Return until when quiet hours hold it back, and a line that says so."""
    zone = ZoneInfo(routing.zone)
    until = routing.quiet_hours.until(now, zone) if routing.quiet_hours else None
    if until is None:
        return None, ()
    if facts.severity >= MOST_SEVERE:
        return None, (f"quiet hours do not hold back severity {MOST_SEVERE}",)
    return until, (f"held back by quiet hours until {until.astimezone(zone):%-d %b %H:%M} {routing.zone}",)


def _watch_step(watch: Watch) -> str:
    boost = f": severity +{watch.boost}" if watch.boost else ""
    return f"on the watch list {watch.name!r}{boost}"


def _rule_step(rule: Rule, routing: Routing) -> str:
    where = {"now": rule.channel or "the configured channel", "digest": "the digest", "never": "nobody"}[rule.send]
    if rule is routing.default:
        return f"no rule matches: to {where}" if routing.rules else f"no rules: to {where}"
    return f"rule {routing.rules.index(rule) + 1}, {rule.name!r}: to {where}"


def describe(silence: Silence) -> str:
    """Return a silence in words: what it matches, until when and why."""
    until = f" until {silence.until}" if silence.until else ""
    return f"{conditions(silence)}{until}{f' ({silence.reason})' if silence.reason else ''}"


def conditions(matcher: Matcher) -> str:
    """Return conditions as ``parse_silence`` reads them."""
    lists = {each.name: getattr(matcher, each.name) for each in fields(Matcher) if each.name != "severity"}
    words = [
        ",".join(value) if name == "ids" else f"{name}={','.join(value)}" for name, value in lists.items() if value
    ]
    return " ".join([*words, *([f"severity={matcher.severity}"] if matcher.severity > 1 else [])])


def parse_silence(text: str) -> Silence:
    """Return the silence of ``kinds=stage weapons=kh-101,kh-55 severity=2``; a word without ``=`` is an id of any kind.

    Raises ValueError naming what is not a condition.
    """
    found: dict[str, Any] = {}
    for word in text.split():
        name, separator, value = word.partition("=")
        if name == "severity":
            found[name] = int(value) if value.isdigit() else value
        else:
            found.setdefault(name if separator else "ids", []).extend((value or name).split(","))
    from_row(found, build=Matcher)  # only conditions: a reason or an end is not among them
    return from_row(found, build=Silence)


def _moment(text: str, zone: tzinfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'until' must be a date or a date and time such as 2026-12-01T07:00, not {text!r}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _check_mentions(mentions: Iterable[str]) -> None:
    for who in mentions:
        if not _MENTION.fullmatch(who):
            raise ValueError(f"'mention' must hold ids of users (U…) or groups (S…), here or channel, not {who!r}")
