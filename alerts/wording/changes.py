"""What news changes of what was said and done before, in words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from alerts.wording.excerpt import clean
from extractors.records import Line, News, Stage, Step

LONGEST = 160
"""Characters of a line that are quoted."""

_ORGAN = re.compile(
    r"\b(?:ministry|department|council|corps|kremlin|pentagon|white house|army|navy|forces?|guards?|command|union"
    r"|office|staff|committee|agency|commission|government|parliament|alliance|presidency|embassy|mission|movement"
    r"|states|kingdom|emirates|houthis)$",
    re.IGNORECASE,
)
_REVERSED: Mapping[Stage, str] = {
    Stage.REFUSED: "reverses {whose} refusal of {day}",
    Stage.USE_REFUSED: "reverses {whose} refusal of {day} to permit its use",
    Stage.SUSPENDED: "ends {whose} halt of {day}",
    Stage.PLEDGED: "takes back {whose} pledge of {day}",
    Stage.DELIVERED: "stops deliveries reported since {day}",
    Stage.USE_PERMITTED: "takes back {whose} permission of {day} to use it",
}
_ORDINALS = ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What one piece of news changes."""

    crosses: Line | None = None
    """The most severe line it crosses."""
    others: int = 0
    """Further lines that it crosses."""
    defies: Line | None = None
    """The most severe line that is crossed when it is done."""
    reverses: Step | None = None
    fulfils: Step | None = None
    """The pledge of the same day that it delivers."""
    redraws: Line | None = None
    """The earlier drawings of the same line."""

    @property
    def related(self) -> str | None:
        """Return the claim whose thread gets the news."""
        changed = self.line or self.reverses or self.fulfils
        return changed.claim if changed else None

    @property
    def line(self) -> Line | None:
        """Return the line that this is about."""
        return self.crosses or self.defies or self.redraws


def changes_text(changes: Changes, item: News, names: Mapping[str, str]) -> str:
    """Return what ``item`` changes: ``crosses Vladimir Putin's line of 3 March (“…”); reverses …``, or nothing."""
    return "; ".join(_told(changes, item, names))


def _told(changes: Changes, item: News, names: Mapping[str, str]) -> Iterator[str]:
    when = item.article.published or item.article.seen
    if line := changes.crosses:
        more = f" and {changes.others} more" if changes.others else ""
        yield f"crosses {_line_text(line, when, names)}{more}"
    if line := changes.defies:
        yield f"defies {_line_text(line, when, names)}"
    if step := changes.reverses:
        whose = possessive(names.get(step.supplier or "", ""), otherwise="the")
        yield _REVERSED[step.stage].format(whose=whose, day=day_text(step.since, when))
    if step := changes.fulfils:
        yield f"delivers what was pledged on {day_text(step.since, when)}"
    if line := changes.redraws:
        first = day_text(line.said, when)
        yield f"{ordinal(line.times + 1)} time this line is drawn, first on {first}{_sharper(line, item)}"


def _line_text(line: Line, when: datetime | None, names: Mapping[str, str]) -> str:
    return f"{possessive(owner(line, names), otherwise='a')} line of {day_text(line.said, when)} (“{quoted(line)}”)"


def _sharper(line: Line, item: News) -> str:
    """Say what a line drawn again has that it never had before."""
    said = item.statement
    if said is None:
        return ""
    if said.nuclear and not line.nuclear:
        return ", now with nuclear weapons"
    if said.consequence and not line.consequence:
        return ", now with a consequence"
    return ", now graver" if said.severity > line.severity else ""


def headline_end(changes: Changes, names: Mapping[str, str]) -> str:
    """Return what a headline says of a change after who did what: ``, crossing Vladimir Putin's red line``."""
    if changes.crosses:
        return f", crossing {possessive(owner(changes.crosses, names), otherwise='a')} red line"
    if changes.reverses:
        stops = changes.reverses.stage is Stage.DELIVERED
        return ", stopping deliveries" if stops else f", reversing {_noun(changes.reverses.stage)}"
    if changes.defies:
        return f", defying {possessive(owner(changes.defies, names), otherwise='a')} red line"
    return ", pledged the same day" if changes.fulfils else ""


def _noun(stage: Stage) -> str:
    nouns = {Stage.SUSPENDED: "a halt", Stage.PLEDGED: "a pledge", Stage.USE_PERMITTED: "a permission"}
    return nouns.get(stage, "a refusal")


def owner(line: Line, names: Mapping[str, str]) -> str:
    """Return who drew a line: the speaker, or the side where nobody is named."""
    return clean(line.speaker or names.get(line.side or "", "") or "")


def possessive(name: str, *, otherwise: str) -> str:
    """Return ``name`` as what follows is its own, an organ with its article: ``the Kremlin's``."""
    if not name:
        return otherwise
    article = "the " if _ORGAN.search(name) and not name.lower().startswith("the ") else ""
    return f"{article}{name}{'’' if name.endswith('s') else '’s'}"


def quoted(line: Line) -> str:
    """Return the words of a line that say it: what it forbids and what that would bring, or else its sentence."""
    said = clean(line.quote)
    places = [(at, at + len(part)) for part in map(clean, (line.condition or "", line.consequence or ""))
              if part and (at := said.find(part)) >= 0]  # fmt: skip
    if line.condition and places:
        said = said[min(start for start, _ in places) : max(end for _, end in places)]
    said = said.strip(" “”\"'‘’").rstrip(".,;: ").translate(str.maketrans('“”"', "‘’'"))
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1].rsplit(' ', 1)[0].rstrip(',;:')}…"


def day_text(day: datetime, when: datetime | None) -> str:
    """Return a day as it is said at ``when``: with its year unless that is the same."""
    day = day.astimezone(UTC)
    same_year = when is not None and when.astimezone(UTC).year == day.year
    return f"{day:%-d %B}" if same_year else f"{day:%-d %B %Y}"


def ordinal(number: int) -> str:
    """Return 2 and more as an ordinal number: in words up to ten."""
    if 2 <= number <= len(_ORDINALS) + 1:
        return _ORDINALS[number - 2]
    endings = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if number % 100 in {11, 12, 13} else endings.get(number % 10, 'th')}"
