"""Dates in feeds: an instant, its confidence, and never a guess.

Feeds write dates in a dozen conventions and with local zone names. The text is split into tokens, every one of which
must be understood, or the date is unknown. A zone name that is not in the table makes it unknown too, because reading
it as UTC would put the article hours away from its time.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Before the web: a zero timestamp or a mistake, not a date of publication."""
SKEW = timedelta(hours=1)
"""How far a publisher's clock may be ahead of ours."""
LONGEST = 100

EXACT, ZONE_ASSUMED, DAY, NONE = "exact", "zone_assumed", "day", "none"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a date string says."""

    instant: datetime | None
    confidence: str
    """``exact``: with a zone. ``zone_assumed``: a time without a zone, taken as that of the outlet's country if it has
    only one, otherwise as UTC. ``day``: no time."""
    raw: str | None
    reason: str | None = None
    """Why the instant is unknown, if there was a text."""


_HOURS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "met": 1, "mest": 2,
    "mez": 1, "mesz": 2, "eet": 2, "eest": 3, "idt": 3, "msk": 3, "msd": 4, "trt": 3, "sast": 2, "cat": 2, "wat": 1,
    "eat": 3, "gst": 4, "azt": 4, "get": 4, "samt": 4, "pkt": 5, "uzt": 5, "yekt": 5, "tjt": 5, "tmt": 5, "omst": 6,
    "novt": 7, "krat": 7, "ict": 7, "wib": 7, "wita": 8, "wit": 9, "irkt": 8, "hkt": 8, "sgt": 8, "myt": 8, "pht": 8,
    "awst": 8, "kst": 9, "jst": 9, "yakt": 9, "aest": 10, "vlat": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "pett": 12,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "akdt": -8,
    "hst": -10, "ast": -4, "adt": -3, "brt": -3, "art": -3, "clt": -4, "clst": -3, "cot": -5, "pet": -5,
    "ist/ie": 1, "ist/il": 2, "cst/cn": 8, "cst/tw": 8, "cst/cu": -5, "ast/sa": 3, "ast/iq": 3, "bst/bd": 6,
    "amt/am": 4, "amt/br": -4, "sst/ws": -11, "est/au": 10, "edt/au": 11,
}  # fmt: skip
_MINUTES = {
    "ist/in": 330, "ist/lk": 330, "npt": 345, "mmt": 390, "irst": 210, "irdt": 270, "aft": 270, "acst": 570,
    "acdt": 630, "nst": -210, "ndt": -150, "slst": 330,
}  # fmt: skip
ZONES = {name: hours * 60 for name, hours in _HOURS.items()} | _MINUTES
"""Minutes east of Greenwich by zone name; ``name/country`` if it depends on the country."""

REGIONS = {"et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles"}
"""Names that mean standard or summer time, depending on the date."""

OFFICIAL = {"CN": ("Asia/Shanghai",), "UA": ("Europe/Kyiv",)}
"""Countries with one legal zone to which the table of zones assigns several."""

_MONTHS = (
    (
        "january jan janvier janv jänner januar gennaio gen ianuarie ian enero ene janeiro januari "
        "января янв січня tammikuu tammikuuta ιαν január stycznia sty ledna siječnja ocak oca"
    ),
    (
        "february februarie feb février févr fevrier fév februar febbraio febrero fevereiro fev februari "
        "февраля фев лютого φεβ febr helmikuuta lutego lut února veljače şubat şub"
    ),
    (
        "march martie mar mars marts märz marzo março maart mrt март марта мар березня μάρ μαρ márc március mrz mär "
        "maaliskuuta marca března ožujka mart"
    ),
    (
        "april aprilie apr avril avr aprile abril abr апреля апр квітня απρ ápr április huhtikuuta kwietnia kwi dubna "
        "travnja nisan nis"
    ),
    "may mai maggio mag mayo maio mei мая май травня μάι μαϊ máj május maj toukokuuta maja května svibnja mayıs",
    (
        "june iunie iun jun juin juni giugno giu junio junho июня июн червня ιούν ιον június jún "
        "kesäkuuta czerwca cze června lipnja haziran haz"
    ),
    (
        "july iulie iul jul juillet juil juli luglio lug julio julho июля июл липня ιούλ ιολ július júl "
        "heinäkuuta lipca lip července srpnja temmuz tem"
    ),
    (
        "august aug août aout agosto ago augustus augusti августа авг серпня αύγ αυγ augusztus "
        "elokuuta sierpnia sie srpna kolovoza ağustos ağu"
    ),
    (
        "september septembrie sep sept septembre settembre set septiembre setembro "
        "сентября сен вересня σεπ szeptember szept syyskuuta września wrz září rujna eylül eyl"
    ),
    (
        "october octombrie oct octobre oktober okt ottobre ott octubre outubro out октября окт жовтня οκτ október "
        "lokakuuta października paź října ekim eki"
    ),
    (
        "november noiembrie noi nov novembre noviembre novembro ноября ноя листопада νοέ νοε "
        "marraskuuta listopadu studenoga kasım kas"
    ),
    (
        "december decembrie dec décembre déc decembre dezember dez dicembre dic diciembre dezembro декабря дек грудня "
        "δεκ joulukuuta desember des grudnia gru prosince prosinca aralık ara"
    ),
)
"""Names by month. Not ``listopada``, which is November in Poland and October in Croatia."""
MONTHS = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names.split()}
_WEEKDAYS = (
    "mon monday tue tues tuesday wed wednes wednesday thu thur thurs thursday fri friday sat saturday sun sunday "
    "lun mar mer jeu ven sam dim lundi mardi mercredi jeudi vendredi samedi dimanche "
    "montag dienstag mittwoch donnerstag freitag samstag sonntag mo di mi do fr sa so "
    "пн вт ср чт пт сб вс κυρ δευ τρι τετ πεμ παρ σαβ hétfő kedd szerda csütörtök péntek szombat vasárnap "
    "lunedì martedì mercoledì giovedì venerdì sabato domenica gio sab dom "
    "lunes martes miércoles jueves viernes sábado domingo mié mie jue vie sáb "
    "luni marți marţi marti miercuri joi vineri sâmbătă duminică vin sâm dum "
    "segunda terça quarta quinta sexta feira seg ter qua qui sex "
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag ma di wo do vr za zo "
    "måndag mandag tisdag tirsdag onsdag torsdag fredag lördag lørdag söndag søndag "
    "mån tis tir ons tors tor fre lör lør sön søn "
    "poniedziałek wtorek środa czwartek piątek sobota niedziela pon wt śr czw pt sob niedz "
    "pazartesi salı çarşamba perşembe cuma cumartesi pazar pzt sal çar per cum cmt paz"
)
_FILLERS = "at of the on de del um klo kl à date published posted updated pubdate"
WEEKDAYS = frozenset(_WEEKDAYS.split())
FILLERS = frozenset(_FILLERS.split())
HALVES = {"am": 0, "a.m": 0, "오전": 0, "上午": 0, "pm": 12, "p.m": 12, "오후": 12, "下午": 12}

_TOKEN = re.compile(
    r"""(?P<iso>(?<!\d)\d{4}-\d{1,2}-\d{1,2}|(?<!\d)\d{4}[/.]\d{1,2}[/.]\d{1,2}\.?|(?<!\d)\d{4}\d{2}\d{2}(?=T\d|$|\s))
      |(?P<stamp>(?<!\d)(?:19|20)\d{12}(?!\d))
      |(?P<named>\d{4}-[^\W\d_]+-\d{1,2}(?=T|\s|$))
      |(?P<region>(?:Etc/(?:GMT|UTC|UCT)(?![+\-\d])|(?:Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific|US)/\w+))
      |(?P<local>(?<!\d)\d{1,2}[-/.]\d{1,2}[-/.]\d{4}(?!\d))
      |(?P<cjk>\d{4}\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일])
      |(?P<clock>\d{1,2}h\d{2}(?!\w)|\d{1,2}:\d{1,2}(?::\d{1,2}(?:[.,]\d{1,9})?)?|(?<=T)\d{6}(?=\D|$)|(?<=T)\d{4}(?=\D|$))
      |(?P<offset>(?:(?:utc|gmt|ut)\s?)?[+\-−]\d{1,2}(?::?\d{2})?(?!\d))
      |(?P<day>\d{1,2}(?:st|nd|rd|th|er|\.|º)?(?![\d:\w]))
      |(?P<year>\d{4}(?!\d))
      |(?P<word>[^\W\d_]+(?:\.[^\W\d_]+)*\.?)
      |(?P<comment>\([^()]*\))
      |(?P<skip>[\s,;|·T/–]+|-(?!\d))""",
    re.VERBOSE | re.IGNORECASE,
)


_USUAL = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?(?P<day>\d{1,2}) (?P<month>[A-Z][a-z]{2}) (?P<year>\d{4})"
    r" (?P<clock>(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d) (?:GMT|UTC|Z|(?P<offset>[+-](?:0\d|1[0-3])[0-5]\d))"
)
_ISO = re.compile(
    r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3}|\.\d{6})?(?:Z|[+-](?:0\d|1[0-3]):?[0-5]\d)"
)


def read(raw: str | None, *, now: datetime, country: str = "") -> Reading:
    """Parse a date from a feed; ``country`` (of the outlet) resolves ambiguous zone names, and supplies a missing zone.

    More than an hour after ``now``, or before 1990, is unknown with a reason.
    """
    text = " ".join((raw or "").split())
    if not text:
        return Reading(None, NONE, raw or None)
    try:
        moment, confidence = _usual(text) or _understand(text[:LONGEST], country.lower())
    except (ValueError, OverflowError, ZoneInfoNotFoundError) as error:
        return Reading(None, NONE, raw, str(error))
    instant = moment if confidence != ZONE_ASSUMED else _of_country(moment, country.upper(), latest=now + SKEW)
    if instant > now + SKEW:
        return Reading(None, NONE, raw, "in the future")
    if instant < EARLIEST:
        return Reading(None, NONE, raw, "before 1990")
    return Reading(instant, confidence, raw)


def _of_country(moment: datetime, country: str, *, latest: datetime) -> datetime:
    """Return when clocks in ``country`` show ``moment``, if all of them agree and it is not after ``latest``."""
    shown = moment.replace(tzinfo=None)
    instants = {shown.replace(tzinfo=zone).astimezone(UTC) for zone in _zones(country)}
    return instants.pop() if len(instants) == 1 and max(instants) <= latest else moment


@cache
def _zones(country: str) -> tuple[ZoneInfo, ...]:
    """Return the zones of a country (ISO 3166-1 alpha-2) from the tz database."""
    lines = (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8").splitlines()
    listed = [line.split("\t")[2] for line in lines if line.startswith(f"{country}\t")]
    return tuple(ZoneInfo(name) for name in OFFICIAL.get(country, listed))


def _usual(text: str) -> tuple[datetime, str] | None:
    """Parse the formats of RFC 822 and RFC 3339, which nine in ten feeds use; None for anything else."""
    match = _USUAL.fullmatch(text)
    month = MONTHS.get(match["month"].lower()) if match else None
    if match and month:
        day = f"{match['year']}-{month:02}-{match['day']:0>2}"
        text = f"{day}T{match['clock']}{match['offset'] or 'Z'}"
    elif not _ISO.fullmatch(text):
        return None
    return datetime.fromisoformat(text).astimezone(UTC), EXACT


@dataclass(slots=True)
class _Parts:
    """The pieces of a date while its tokens are read."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    clock: tuple[int, int, int, int] | None = None
    half: int | None = None
    minutes_east: int | None = None
    tuesday: bool = False
    """The month came from a word that also means Tuesday; another month replaces it."""
    region: str | None = None
    """An IANA name; its offset depends on the date."""

    def put(self, name: str, value: int | str) -> None:
        if getattr(self, name) is not None:
            raise ValueError(f"more than one {name}")
        setattr(self, name, value)


def _understand(text: str, country: str) -> tuple[datetime, str]:
    if re.fullmatch(r"1\d{9}(?:\.\d+)?|1\d{12}", text):
        seconds = float(text) if len(text) != 13 else int(text) / 1000
        return datetime.fromtimestamp(seconds, UTC), EXACT
    parts = _Parts()
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match or not match[0]:
            raise ValueError(f"not understood: {text[position : position + 20]!r}")
        _take(str(match.lastgroup), match[0].strip(), parts, country)
        position = match.end()
    return _assemble(parts)


def _take(kind: str, token: str, parts: _Parts, country: str) -> None:
    """Assign one token to the part it belongs to; ValueError if there is none."""
    match kind:
        case "iso" | "cjk" | "local" | "named" | "stamp":
            _put_date(parts, kind, token)
        case "clock":
            _put_clock(parts, token)
        case "offset" if parts.clock is None and len(token) in {3, 5}:
            _put_year(parts, token[1:])  # "12-Nov-2024", "12-Nov-24"
        case "offset":
            _put_offset(parts, token)
        case "day":
            _put_number(parts, int(re.sub(r"\D", "", token)))
        case "year" | "region":
            parts.put(kind, token if kind == "region" else int(token))
        case "word":
            _put_word(parts, token.lower().rstrip("."), country)


def _put_date(parts: _Parts, kind: str, token: str) -> None:
    if kind == "local":
        year, month, day = _local(token)
    elif kind == "named":
        name = token.split("-")
        year, month, day = int(name[0]), MONTHS.get(name[1].lower(), 0), int(name[2])
    else:
        year, month, day = _numbers(token[:8] if kind == "stamp" else token)
    if parts.tuesday:
        parts.month = None  # "mar 17/11/2026"
    parts.put("year", year)
    parts.put("month", month)
    parts.put("day", day)
    if kind == "stamp":
        _put_clock(parts, token[8:])


def _numbers(token: str) -> tuple[int, int, int]:
    if token.isdigit():
        return int(token[:4]), int(token[4:6]), int(token[6:])
    year, month, day = (int(number) for number in re.findall(r"\d+", token))
    return year, month, day


def _local(token: str) -> tuple[int, int, int]:
    """Parse ``31.12.2024`` or ``12/31/2024``; with slashes both orders are in use, so ambiguous dates fail."""
    first, second, year = (int(number) for number in re.findall(r"\d+", token))
    if "/" in token or "-" in token:
        if first <= 12 and second <= 12 and first != second:
            raise ValueError(f"day or month first? {token}")
        if second > 12:
            return year, first, second
    return year, second, first


def _put_clock(parts: _Parts, token: str) -> None:
    if parts.clock is not None:
        raise ValueError("more than one clock time")
    whole, _, fraction = token.replace(",", ".").partition(".")
    numbers = [
        int(n) for n in (re.split("[:h]", whole.lower()) if re.search("[:hH]", whole) else re.findall("..", whole))
    ]
    hour, minute, second = (*numbers, 0)[:3]
    parts.clock = (hour, minute, second, int((fraction + "000000")[:6]))


def _put_offset(parts: _Parts, token: str) -> None:
    sign = -1 if re.search("[-−]", token) else 1
    digits = re.sub(r"\D", "", token)
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    if parts.clock is None or hours > 14 or minutes > 59:
        raise ValueError(f"no zone: {token}")
    east = sign * (hours * 60 + minutes)
    if parts.minutes_east not in {None, 0, east}:
        raise ValueError("more than one zone")
    parts.minutes_east = east


def _put_number(parts: _Parts, number: int) -> None:
    if parts.day is None:
        parts.day = number
    elif parts.year is None and parts.month is not None:
        _put_year(parts, f"{number:02}")
    else:
        raise ValueError(f"a number too many: {number}")


def _put_year(parts: _Parts, digits: str) -> None:
    year = int(digits)
    parts.put("year", year if len(digits) > 2 else 2000 + year if year < 70 else 1900 + year)


def _put_word(parts: _Parts, word: str, country: str) -> None:
    if word in MONTHS and (parts.month is None or parts.tuesday):
        parts.tuesday = parts.month is None and word in WEEKDAYS
        parts.month = MONTHS[word]
    elif word in MONTHS and MONTHS[word] == parts.month:
        return  # "3 mars (mar)"
    elif word in HALVES:
        parts.put("half", HALVES[word])
    elif word in WEEKDAYS or word in FILLERS or word == "t":
        return
    else:
        _put_zone(parts, word, country)


def _put_zone(parts: _Parts, word: str, country: str) -> None:
    if parts.minutes_east is not None and len(word) <= 5:
        return  # "+0530 IST": the name only repeats the number
    minutes = ZONES.get(f"{word}/{country}", ZONES.get(word))
    if minutes is None and word not in REGIONS:
        raise ValueError(f"unknown word or zone: {word}")
    parts.minutes_east = minutes
    parts.region = REGIONS.get(word)


def _assemble(parts: _Parts) -> tuple[datetime, str]:
    if parts.year is None or parts.month is None or parts.day is None:
        raise ValueError("no whole date")
    hour, minute, second, micro = parts.clock or (0, 0, 0, 0)
    if parts.half is not None and 1 <= hour <= 12:
        hour = hour % 12 + parts.half
    extra = timedelta(days=1) if (hour, minute, second) == (24, 0, 0) else timedelta()
    zone = ZoneInfo(parts.region) if parts.region else timezone(timedelta(minutes=parts.minutes_east or 0))
    moment = datetime(
        parts.year, parts.month, parts.day, hour % 24 if extra else hour, minute, min(second, 59), micro, zone
    )
    zoned = parts.minutes_east is not None or parts.region is not None
    confidence = DAY if parts.clock is None else EXACT if zoned else ZONE_ASSUMED
    return (moment + extra).astimezone(UTC), confidence
