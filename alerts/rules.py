"""The rules of ``seeds/routes.toml``: where an alert goes, whom it calls, when it waits and when it is not sent.

Pure: time is an argument. Every decision says step by step which watch list, silence, rule or quiet hours made it.
"""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from extractors.lexicon import LexiconError, Problem, from_row

T = TypeVar("T")
Kind = Literal["weapon", "stage", "red_line", "threat"]

FILE = "routes.toml"
FOR_DIGEST = "goes to the digest"
LOUDEST = 5
"""Alerts of this severity are never held back."""
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,20}")
_MENTION = re.compile(r"[UWS][A-Z0-9]{2,20}|here|channel|everyone")
_QUOTED = re.compile(r"'(\w+)")
_HEADER = re.compile(r"\s*\[{1,2}([\w.]+)\]{1,2}\s*(#.*)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What rules can ask about one alert."""

    kind: str
    severity: int
    sides: frozenset[str] = frozenset()
    """Who speaks, gives or gets."""
    countries: frozenset[str] = frozenset()
    """The sides and whom it is aimed at: what places it in a theatre."""
    speakers: frozenset[str] = frozenset()
    weapons: frozenset[str] = frozenset()
    """Systems and their families."""
    categories: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    """All of these, with the claim and the feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """Conditions, all of which must hold; of the values of one, any. No condition holds always."""

    theatres: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    weapons: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    ids: tuple[str, ...] = ()
    """Ids of whatever sort: weapons, speakers, sides, feeds or claims."""
    severity: int = 1
    """At least so severe."""

    def __post_init__(self) -> None:
        if not 1 <= self.severity <= LOUDEST:
            raise ValueError(f"'severity' must be 1 to {LOUDEST}, not {self.severity}")

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
    """Where what it matches goes. The first rule that matches decides."""

    name: str
    send: Literal["now", "digest", "never"] = "now"
    channel: str | None = None
    """A Slack channel's id; None is the channel of the settings."""
    mention: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        Matcher.__post_init__(self)
        if self.channel and not _CHANNEL.fullmatch(self.channel):
            raise ValueError(f"'channel' must be a channel's id such as C0123456789, not {self.channel!r}")
        if self.send == "never" and (self.channel or self.mention):
            raise ValueError("'send' is 'never': a channel or a mention would have no effect")
        _check_mentions(self.mention)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What an analyst looks out for: whatever touches any item of the list is louder, or calls somebody."""

    name: str
    weapons: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    louder: int = 0
    """Steps of severity added."""
    mention: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.louder < LOUDEST:
            raise ValueError(f"'louder' must be 0 to {LOUDEST - 1}, not {self.louder}")
        if not (self.weapons or self.speakers or self.sides):
            raise ValueError("a watch list needs 'weapons', 'speakers' or 'sides'")
        if not (self.louder or self.mention):
            raise ValueError("a watch list needs 'louder' or 'mention': as it is it has no effect")
        _check_mentions(self.mention)

    def matches(self, facts: Facts) -> bool:
        """Whether ``facts`` touch any item of the list."""
        items = (self.weapons, facts.weapons), (self.speakers, facts.speakers), (self.sides, facts.sides)
        return any(found.intersection(wanted) for wanted, found in items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence(Matcher):
    """What is stored and not sent, until it ends."""

    until: str | None = None
    """ISO date or date and time; None is for good."""
    reason: str = ""

    def __post_init__(self) -> None:
        Matcher.__post_init__(self)
        if not conditions(self):
            raise ValueError("a silence without conditions would silence everything")
        if self.until:
            _moment(self.until, UTC)

    def ends(self, zone: tzinfo) -> datetime | None:
        """Return when it ends; an ``until`` without an offset is a wall time of ``zone``."""
        return _moment(self.until, zone) if self.until else None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """When only alerts of severity 5 are sent; the span may cross midnight."""

    start: str
    end: str

    def __post_init__(self) -> None:
        for name, value in (("start", self.start), ("end", self.end)):
            try:
                time.fromisoformat(value)
            except ValueError:
                raise ValueError(f'{name!r} must be a time such as "22:00", not {value!r}') from None
        if time.fromisoformat(self.start) == time.fromisoformat(self.end):
            raise ValueError("'end' is the same as 'start': the span is empty")

    def until(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """Return when the quiet hours that hold at ``now`` end, in UTC; None outside them."""
        here, start, end = now.astimezone(zone), time.fromisoformat(self.start), time.fromisoformat(self.end)
        clock = here.time()
        inside = start <= clock < end if start < end else clock >= start or clock < end
        if not inside:
            return None
        day = here.date() + timedelta(days=clock >= end)
        return datetime.combine(day, end.replace(fold=here.fold), tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """The whole of ``routes.toml``. The one made without arguments sends everything to the channel of the settings."""

    zone: str = "UTC"
    """The zone of every time of the file that has none of its own."""
    theatres: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    watch: tuple[Watch, ...] = ()
    rules: tuple[Rule, ...] = ()
    digest_at: str = "08:00"
    """The wall time of ``zone`` at which the digest is sent."""
    default: Rule = field(default_factory=lambda: Rule(name="default"))
    silences: tuple[Silence, ...] = ()
    quiet_hours: QuietHours | None = None

    def silences_at(self, now: datetime) -> list[Silence]:
        """Return the silences in force."""
        ends = [(silence, silence.ends(ZoneInfo(self.zone))) for silence in self.silences]
        return [silence for silence, end in ends if end is None or end > now]

    def next_digest(self, now: datetime) -> datetime:
        """Return when the first digest after ``now`` is sent, in UTC."""
        here, at = now.astimezone(ZoneInfo(self.zone)), time.fromisoformat(self.digest_at)
        day = here.date() + timedelta(days=here.time() >= at)
        return datetime.combine(day, at, tzinfo=here.tzinfo).astimezone(UTC)

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels that rules name, each once."""
        return tuple(dict.fromkeys(rule.channel for rule in (*self.rules, self.default) if rule.channel))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of one alert, and every step that led there."""

    severity: int
    channel: str | None = None
    mentions: tuple[str, ...] = ()
    not_before: datetime | None = None
    suppressed: str | None = None
    steps: tuple[str, ...] = ()


def route(facts: Facts, *, now: datetime, routing: Routing, slight: str = "") -> Decision:
    """Return what ``routing`` makes of an alert that arrives at ``now``; ``slight`` says why it is for the digest only.

    What is for the digest is suppressed as a message of its own, and told in the digest at ``not_before``.
    """
    silences = (each for each in routing.silences_at(now) if each.matches(facts, routing.theatres))
    if silence := next(silences, None):
        why = f"muted: {told(silence)}"
        return Decision(severity=facts.severity, suppressed=why, steps=(why,))
    watching = [watch for watch in routing.watch if watch.matches(facts)]
    facts = replace(facts, severity=min(LOUDEST, facts.severity + sum(watch.louder for watch in watching)))
    rule = next((rule for rule in routing.rules if rule.matches(facts, routing.theatres)), routing.default)
    steps = (*map(_watch_step, watching), _rule_step(rule, routing))
    called = (*rule.mention, *(who for watch in watching for who in watch.mention))
    decision = Decision(
        severity=facts.severity, channel=rule.channel, mentions=tuple(dict.fromkeys(called)), steps=steps
    )
    if rule.send == "never":
        return replace(decision, suppressed=f"rule {rule.name!r}: is never sent")
    if rule.send == "digest" or slight:
        why = f"{slight or f'rule {rule.name!r}'}: {FOR_DIGEST}"
        return replace(decision, suppressed=why, not_before=routing.next_digest(now), mentions=())
    held, quiet = _held(facts, now=now, routing=routing)
    return replace(decision, not_before=held, steps=(*steps, *quiet))


def _held(facts: Facts, *, now: datetime, routing: Routing) -> tuple[datetime | None, tuple[str, ...]]:
    """Return until when quiet hours hold it back, and what to say of that."""
    zone = ZoneInfo(routing.zone)
    until = routing.quiet_hours.until(now, zone) if routing.quiet_hours else None
    if until is None:
        return None, ()
    if facts.severity >= LOUDEST:
        return None, (f"quiet hours hold nothing of severity {LOUDEST} back",)
    return until, (f"held back by quiet hours until {until.astimezone(zone):%-d %b %H:%M} {routing.zone}",)


def _watch_step(watch: Watch) -> str:
    louder = f": severity +{watch.louder}" if watch.louder else ""
    return f"on the watch list {watch.name!r}{louder}"


def _rule_step(rule: Rule, routing: Routing) -> str:
    where = {"now": rule.channel or "the configured channel", "digest": "the digest", "never": "nobody"}[rule.send]
    if rule is routing.default:
        return f"no rule matches: to {where}" if routing.rules else f"no rules: to {where}"
    return f"rule {routing.rules.index(rule) + 1}, {rule.name!r}: to {where}"


def told(silence: Silence) -> str:
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
    """Return the silence of ``kinds=stage weapons=kh-101,kh-55 severity=2``; a word without ``=`` is an id of any sort.

    Raises ValueError naming what is no condition.
    """
    found: dict[str, Any] = {}
    for word in text.split():
        name, separator, value = word.partition("=")
        if name == "severity":
            found[name] = int(value) if value.isdigit() else value
        else:
            found.setdefault(name if separator else "ids", []).extend((value or name).split(","))
    from_row(found, build=Matcher)  # only conditions: no reason or end among them
    return from_row(found, build=Silence)


# --- reading the file ------------------------------------------------------------------------------------------------

TABLES = ("zone", "digest_at", "theatres", "watch", "rule", "default", "silence", "quiet_hours")
Known = Mapping[str, Collection[str]]
"""The ids that lexicons hold, by the field that may name them: sides, speakers, weapons, categories."""


def load_routing(seeds: Path, *, known: Known | None = None) -> Routing:
    """Return the rules of ``seeds/routes.toml``, or those that change nothing where there is no such file.

    With ``known``, a name that no lexicon has is a problem too. Raises LexiconError with all that is wrong, by line.
    """
    path = seeds / FILE
    if not path.exists():
        return Routing()
    reader = _Reader(path, known=known or {})
    routing = reader.routing()
    if reader.problems:
        raise LexiconError(tuple(sorted(reader.problems, key=lambda problem: problem.line)))
    return routing


class _Reader:
    """Reads the file table by table and keeps what is wrong with each."""

    def __init__(self, path: Path, *, known: Known) -> None:
        self.known = known
        self.problems: list[Problem] = []
        self.lines: list[str] = []
        self.data: dict[str, Any] = {}
        try:
            text = path.read_bytes().decode("utf-8-sig")
            self.lines = text.splitlines()
            self.data = _plain(tomllib.loads(text))
        except OSError as error:
            self._wrong(0, f"cannot be read: {error.strerror}")
        except UnicodeDecodeError as error:
            self._wrong(error.object.count(b"\n", 0, error.start) + 1, "not UTF-8")
        except tomllib.TOMLDecodeError as error:
            at = re.search(r"at line (\d+)", str(error))
            self._wrong(int(at[1]) if at else len(self.lines), f"not TOML: {error}")

    def routing(self) -> Routing:
        """Return what the file says; where that is wrong, ``problems`` says so."""
        for name in self.data.keys() - set(TABLES):
            self._wrong(self._line(name), f"unknown table or field {name!r}{_meant(name, TABLES)}")
        theatres, quiet = self._theatres(), None
        if "quiet_hours" in self.data:
            quiet = self._built("quiet_hours", 0, self._one("quiet_hours"), QuietHours)
        default = self._built("default", 0, {"name": "default", **self._one("default")}, Rule)
        return Routing(
            zone=self._zone(),
            digest_at=self._digest_at(),
            theatres=theatres,
            watch=self._all("watch", Watch),
            rules=self._all("rule", Rule),
            default=default or Rule(name="default"),
            silences=self._all("silence", Silence),
            quiet_hours=quiet,
        )

    def _zone(self) -> str:
        zone = self.data.get("zone", "UTC")
        try:
            ZoneInfo(zone)
        except (TypeError, KeyError, ValueError, OSError):
            self._wrong(self._line("zone"), f"'zone' {zone!r} is no zone of the tz database, such as Europe/Berlin")
            return "UTC"
        return str(zone)

    def _digest_at(self) -> str:
        at = self.data.get("digest_at", "08:00")
        try:
            time.fromisoformat(at)
        except (TypeError, ValueError):
            self._wrong(self._line("digest_at"), f"'digest_at' must be a time such as \"08:00\", not {at!r}")
            return "08:00"
        return str(at)

    def _theatres(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for name, lands in self._one("theatres").items():
            if isinstance(lands, list) and all(isinstance(land, str) for land in lands):
                found[name] = tuple(lands)
                for _, what in unknown(Matcher(sides=found[name]), self.known):
                    self._wrong(self._line("theatres", 0, name), f"[theatres] {name!r}: {what}")
            else:
                self._wrong(self._line("theatres", 0, name), f"[theatres] {name!r} must be a list of countries")
        return found

    def _one(self, table: str) -> dict[str, Any]:
        found = self.data.get(table, {})
        if isinstance(found, dict):
            return found
        self._wrong(self._line(table), f"{table!r} must be one table: [{table}]")
        return {}

    def _all(self, table: str, build: type[T]) -> tuple[T, ...]:
        rows = self.data.get(table, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self._wrong(self._line(table), f"{table!r} must be written with double brackets: [[{table}]]")
            return ()
        names = [row.get("name") for row in rows]
        for place, name in enumerate(names):
            if name is not None and name in names[:place]:
                self._wrong(self._line(table, place, "name"), f"[{table}] 'name' {name!r} is used twice")
        built = [self._built(table, place, row, build) for place, row in enumerate(rows)]
        return tuple(each for each in built if each is not None)

    def _built(self, table: str, place: int, row: dict[str, Any], build: type[T]) -> T | None:
        try:
            built = from_row(row, build=build)
        except ValueError as error:
            for what in str(error).split("\n"):
                named = _QUOTED.search(what)
                self._wrong(self._line(table, place, named[1] if named else ""), f"[{table}] {what}")
            return None
        known = {**self.known, "theatres": self.data.get("theatres", {})}
        for name, what in unknown(built, known):
            self._wrong(self._line(table, place, name), f"[{table}] {what}")
        return built

    def _line(self, table: str, place: int = 0, name: str = "") -> int:
        """Return the line of a field; of its table where the field is not written; 1 where neither is."""
        found = [(number, head[1]) for number, line in enumerate(self.lines) if (head := _HEADER.match(line))]
        starts = [number for number, head in found if head == table]
        start = starts[place] if place < len(starts) else 0
        wanted = re.compile(rf"\s*[\"']?{re.escape(name or table)}[\"']?\s*=")
        end = next((number for number, _ in found if number > start), len(self.lines))
        inside = range(start, end)
        return next((number for number in inside if wanted.match(self.lines[number])), start) + 1

    def _wrong(self, line: int, what: str) -> None:
        self.problems.append(Problem(file=FILE, line=line, what=what))


def unknown(item: object, known: Known) -> Iterator[tuple[str, str]]:
    """Yield the fields of a rule, watch list or silence that name what is on no list, and what to say of it."""
    for name, there in known.items():
        for value in getattr(item, name, ()):
            if value not in there:
                yield name, f"{name!r} names {value!r}, which is on no list{_meant(value, there)}"


def _meant(name: str, there: Iterable[str]) -> str:
    near = get_close_matches(name, list(there), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _plain(value: Any) -> Any:
    """Return TOML as JSON has it: dates and times as text."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, (date, time)) else value


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
