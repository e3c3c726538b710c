"""How invented newsrooms report events: first reports, rewrites, wire copies, partial quotes, relays, delays."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flows.demo.happenings import LINES, NOVELTIES, OFFICES, STEPS, THREATS, Happening, Line, Novelty, Step, Threat

FIRST_DAY = datetime(2026, 9, 1, tzinfo=UTC)
DAYS = 30
LATEST = timedelta(days=3)
"""How long after the first report the last outlet may follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A newspaper, agency or broadcaster of the invented press."""

    id: str
    name: str
    country: str
    ownership: str = "private"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One article of one outlet; ``event`` is None for ordinary news."""

    event: int | None
    outlet: Outlet
    number: int
    published: datetime
    title: str
    text: str

    @property
    def path(self) -> str:
        """Its path on the site of the press."""
        return f"/{self.outlet.id}/{self.number}"


_NAMES = (
    "Harbour Post|GB", "Northern Gazette|GB", "Meridian Wire|GB", "Capitol Ledger|US", "Prairie Tribune|US",
    "Atlantic Observer|US", "Bay Chronicle|US", "Baltic Courier|EE", "Vistula Daily|PL", "Danube Herald|HU",
    "Adriatic News|HR", "Alpine Report|CH", "Rhine Dispatch|DE", "Seine Journal|FR", "Iberian Mail|ES",
    "Aegean Times|GR", "Bosphorus Standard|TR", "Levant Star|LB", "Gulf Monitor|AE", "Red Sea Review|EG",
    "Karakoram Post|PK", "Deccan Sentinel|IN", "Strait Examiner|SG", "Formosa Register|TW", "Han River Daily|KR",
    "Pacific Bulletin|JP", "Southern Cross News|AU",
)  # fmt: skip
OUTLETS = (
    *(Outlet(id=name.split("|")[0].lower().replace(" ", "-"), name=name.split("|")[0], country=name[-2:])
      for name in _NAMES),
    Outlet(id="volga-channel", name="Volga Channel", country="RU", ownership="state"),
    Outlet(id="zagros-press", name="Zagros Press", country="IR", ownership="state"),
    Outlet(id="public-radio-one", name="Public Radio One", country="GB", ownership="public"),
)  # fmt: skip

_LINE = (
    "“{Act} will {then},” {office} said on {day}.",
    "{Office} warned on {day} that {act} would {then}.",
    "{Act} would {then}, {office} said in a statement on {day}.",
    "{Office} said on {day} that if {clause}, it would {then}.",
    "“If {clause}, it will {then},” {office} said, according to {relay}.",
    "{relay} quoted {office} as saying that {act} would {then}.",
    "{Office} has warned that {act2} would {then2}.",
    "{Office} said {act2} would “{then2}”.",
    "In a statement published late on {day}, {office} cautioned that {act2} would {then2}.",
    "{Act2} will {then2}, {office} told {relay} on {day}.",
    "Speaking to reporters on {day}, a spokesman for {office} left no doubt: {act} will {then}.",
    "{Act} would {then}, a spokeswoman for {office} told journalists.",
    "“{Act2} will {then2}. Let there be no illusions about that,” {office} wrote on its channel.",
    "There was a blunt message from {office} on {day}: if {clause}, it will {then}.",
    "{Office} made clear that should it come to {act2}, this would {then2}.",
    "Asked about {topic}, {office} replied that {act} “will {then}”.",
)
_THREAT = (
    "“We will {deed},” {office} said on {day}.",
    "{Office} threatened on {day} to {deed}.",
    "{Office} said it would {deed}.",
    "{relay} quoted {office} as saying that it would {deed2}.",
    "{Office} has threatened to {deed2}.",
    "{Office} vowed to {deed2}, in a statement carried by {relay}.",
    "“Nobody should doubt that we will {deed2},” a spokesman for {office} told {relay}.",
    "{Office} announced on {day} that it would {deed}, and called it a last warning.",
    "{Office} is ready to {deed}, it let it be known on {day}.",
    "“We are going to {deed2},” said a spokeswoman for {office}.",
)
_STEP = {
    "requested": (
        "{taker} has asked {giver} for {weapon}, the defence ministry said on {day}.",
        "{taker} requested {weapon} from {giver} on {day}, two officials said.",
        "In a letter to {giver}, {taker} has requested {weapon}.",
        "{taker} turned to {giver} on {day} with a request for {weapon}.",
    ),
    "refused": (
        "{giver} has refused to send {weapon} to {taker}, the government said on {day}.",
        "{giver} will not supply {taker} with {weapon}, a government spokesman said on {day}.",
        "{giver} on {day} rejected {taker}'s request for {weapon}.",
        "{giver} turned down a request by {taker} for {weapon}.",
    ),
    "pledged": (
        "{giver} will supply {taker} with {weapon}, the defence ministry announced on {day}.",
        "{giver} has agreed to send {weapon} to {taker}, officials said on {day}.",
        "{taker} is to receive {weapon} from {giver} under an agreement signed on {day}.",
        "{giver} approved the sale of {weapon} to {taker} on {day}.",
        "{giver} has promised {taker} {weapon}, the prime minister's office said.",
        "The cabinet in {giver} cleared a shipment of {weapon} for {taker} on {day}.",
    ),
    "delivered": (
        "{giver} has delivered the first {weapon} to {taker}, the defence ministry said on {day}.",
        "The first {weapon} from {giver} arrived in {taker} on {day}, officials said.",
        "{taker} has received the first {weapon} from {giver}.",
        "{giver} handed over {weapon} to {taker} on {day}.",
    ),
    "suspended": (
        "{giver} has suspended deliveries of {weapon} to {taker}, officials said on {day}.",
        "{giver} on {day} halted shipments of {weapon} to {taker}.",
        "{giver} has put on hold the delivery of {weapon} to {taker}.",
    ),
    "use_permitted": (
        "{giver} has allowed {taker} to use {weapon} against targets inside Russia, officials said on {day}.",
        "{taker} may now fire {weapon} at targets on Russian territory, {giver} decided on {day}.",
        "{giver} gave {taker} permission to use {weapon} against Russian territory.",
        "{giver} has lifted its ban on strikes by {taker} inside Russia with {weapon}.",
    ),
    "used": (
        "{taker} has used {weapon} in combat for the first time, military officials said on {day}.",
        "{taker}'s army attacked a depot with {weapon} on {day}, officials said.",
        "{taker}'s forces fired {weapon} for the first time on {day}.",
        "{taker} struck targets with {weapon} on {day}, its general staff said.",
    ),
}
_NOVELTY = (
    "{land} has tested a new {sort} called {name}, state media reported on {day}.",
    "{land} on {day} showed the {name}, {a} {sort} never seen in public before.",
    "{A} {sort} named {name} was presented in {land} on {day}.",
    "{land}'s new {sort}, the {name}, was shown on state television.",
    "{land} unveiled its latest {sort}, the {name}, on {day}.",
    "Pictures released on {day} show the {name}, {a} {sort} that {land} had kept secret.",
)
_TITLES = {
    Line: ("{Short} warns over {topic}", "{Short} hardens its tone on {topic}", "Tensions rise over {topic}",
           "{Short}: warning on {topic}", "New warning from {short} about {topic}",
           "{Short} draws the line over {topic}", "{Short} spells out what happens next on {topic}",
           "“No illusions”: {short} speaks out on {topic}"),
    Threat: ("{Short} raises the stakes over {topic}", "{Short} issues threat over {topic}",
             "Fears grow after words on {topic}", "{Short} on {topic}: harsh words",
             "{Short} threatens escalation over {topic}", "{Short}'s last warning on {topic}"),
    Step: ("Decision on {topic}", "What is known about {topic}", "{Topic}: the latest step", "New turn on {topic}"),
    Novelty: ("{land} presents {topic}", "{Topic} from {land}", "What {land} has shown"),
}  # fmt: skip
_BACKGROUND = (
    "The remarks came hours before a meeting of diplomats in Geneva.", "Officials in Brussels declined to comment.",
    "Markets showed little reaction, with the euro slightly lower in late trading.",
    "Analysts said the wording was harsher than in earlier weeks.", "A spokesman did not give further details.",
    "The two governments have been at odds for years.", "Neighbouring states called for calm.",
    "Opposition politicians asked for a debate in parliament next week.",
    "The announcement had been expected since the summer.", "Two diplomats confirmed the account.",
    "Residents of the region said they had not noticed any changes so far.",
    "It was not immediately clear whether talks planned for next week would go ahead.",
    "A former ambassador called the situation the most dangerous in a decade.",
    "The foreign ministers of both sides last met in the spring.", "No casualties were reported.",
    "Previous rounds of talks ended without a result.", "The parliament is in recess until the end of the month.",
)  # fmt: skip
_NOISE = (
    (
        "Harvest brings {n} tonnes of apples",
        (
            "Growers picked {n} tonnes of apples this autumn. Rain in August had worried "
            "many of them. Prices are stable, the farmers' union said."
        ),
    ),
    (
        "City council approves {n} new homes",
        (
            "The council voted for {n} homes on the old railway yard. Building starts "
            "in May. The mayor called it a good day for families."
        ),
    ),
    (
        "Striker scores in {n}th minute",
        (
            "A late goal decided the derby. The visitors had hit the post twice. Their coach "
            "threatened to resign, then laughed it off."
        ),
    ),
    (
        "Central bank leaves rates at {n} percent",
        (
            "The bank kept its main rate and warned that inflation could rise "
            "again. Economists had expected the decision."
        ),
    ),
    (
        "Museum buys painting for {n} million",
        (
            "The museum paid {n} million for a landscape. Critics said the director "
            "had crossed a red line with the budget. He disagreed."
        ),
    ),
    (
        "Storm cuts power to {n} homes",
        (
            "Trees fell on lines in the north and {n} homes went dark. Crews worked through "
            "the night. The weather service warned of more wind."
        ),
    ),
    (
        "Union threatens strike at {n} airports",
        (
            "Ground staff will stop work at {n} airports on Friday unless pay talks "
            "resume, the union said. Airlines offered to rebook passengers."
        ),
    ),
    (
        "Talks on fishing quotas enter day {n}",
        (
            "Ministers met again in Luxembourg. A deal is possible, diplomats said. "
            "Fleets from five countries are waiting."
        ),
    ),
    (
        "Army marks anniversary with {n} guests",
        (
            "About {n} guests saw the parade of veterans. Old tanks rolled through "
            "the square. The minister thanked the volunteers and spoke of peace."
        ),
    ),
    (
        "Court hears {n} witnesses in fraud case",
        (
            "The court has heard {n} witnesses so far. A verdict is expected before "
            "Christmas. The accused denies everything."
        ),
    ),
)


def month(*, seed: int = 7, busiest: int = len(OUTLETS), noise: int = 8, more: Sequence[Report] = ()) -> list[Report]:
    """Return every article of the month in order of publication: all that happens, ``noise`` articles a day, ``more``.

    Each event is reported by 1 to ``busiest`` outlets, most by few. The same ``seed`` gives the same month.
    """
    dice = random.Random(seed)  # noqa: S311 - deals cards, guards nothing
    reports = [report for number, (when, what) in enumerate(_calendar(dice)) for report in
               _coverage(number, what, when, dice, busiest)]  # fmt: skip
    reports += more
    reports += [_ordinary(dice, day, place) for day in range(DAYS) for place in range(noise)]
    reports.sort(key=lambda report: (report.published, report.outlet.id, report.title))
    return [
        Report(event=each.event, outlet=each.outlet, number=number, published=each.published, title=each.title,
               text=each.text)
        for number, each in enumerate(reports)
    ]  # fmt: skip


def happenings(*, seed: int = 7) -> list[tuple[datetime, Happening]]:
    """Return what happens in the month of ``seed``, and when; an event's number is its index in the list."""
    return _calendar(random.Random(seed))  # noqa: S311


def _calendar(dice: random.Random) -> list[tuple[datetime, Happening]]:
    """Distribute the events over the days; the stages of one weapon keep their order."""
    loose: list[Happening] = [*LINES, *THREATS, *NOVELTIES]
    dice.shuffle(loose)
    moments = sorted(dice.sample(range(12, (DAYS - 4) * 24), len(loose) + len(STEPS)))
    places = set(dice.sample(range(len(moments)), len(STEPS)))
    steps, rest = iter(STEPS), iter(loose)
    return [
        (FIRST_DAY + timedelta(hours=hour, minutes=dice.randrange(60)), next(steps if place in places else rest))
        for place, hour in enumerate(moments)
    ]


def _coverage(number: int, what: Happening, when: datetime, dice: random.Random, busiest: int) -> Iterator[Report]:
    """Yield the reports of one event: most outlets follow within hours, some days later, half of them copy."""
    count = min(busiest, max(1, round(busiest ** dice.random())))
    outlets = dice.sample(OUTLETS, count)
    written: list[tuple[str, str]] = []
    for place, outlet in enumerate(outlets):
        late = timedelta(hours=dice.expovariate(1 / 6)) if place else timedelta(0)
        copied = bool(written) and dice.random() < 0.5
        body = _copied(dice.choice(written)[1], dice) if copied else _written(what, when, dice)
        title = _filled(dice.choice(_TITLES[type(what)]), what, when)
        written.append((title, body))
        yield Report(event=number, outlet=outlet, number=0, published=when + min(late, LATEST), title=title, text=body)


def _written(what: Happening, when: datetime, dice: random.Random) -> str:
    """Return an original article: the news once or twice in other words, with context."""
    tellings = _tellings(what)
    first, second = dice.sample(tellings, 2)
    around = dice.sample(_BACKGROUND, dice.randint(2, 6))
    lead = f"{_city(what)} – {_filled(first, what, when)}" if dice.random() < 0.5 else _filled(first, what, when)
    detail = [what.detail] if isinstance(what, (Step, Novelty)) else []
    again = [_filled(second, what, when)] if dice.random() < 0.4 else []
    return "\n\n".join([lead, *detail, *around[:2], *again, *around[2:]])


def _copied(text: str, dice: random.Random) -> str:
    """Return the copy of an agency report: shorter, with an own line before or after it."""
    paragraphs = text.split("\n\n")
    kept = paragraphs[: max(2, len(paragraphs) - dice.randint(0, 2))]
    own = dice.choice(_BACKGROUND)
    return "\n\n".join([own, *kept] if dice.random() < 0.2 else [*kept, own])


def _ordinary(dice: random.Random, day: int, place: int) -> Report:
    title, text = dice.choice(_NOISE)
    when = FIRST_DAY + timedelta(days=day, minutes=dice.randrange(24 * 60))
    n = str(dice.randrange(2, 90))
    more = " ".join(dice.sample(_BACKGROUND[2:], place % 4))
    outlet = dice.choice(OUTLETS)
    body = f"{text} {more}".strip().replace("{n}", n)
    return Report(event=None, outlet=outlet, number=0, published=when, title=title.replace("{n}", n), text=body)


def _tellings(what: Happening) -> Sequence[str]:
    if isinstance(what, Step):
        return _STEP[what.stage]
    return _LINE if isinstance(what, Line) else _THREAT if isinstance(what, Threat) else _NOVELTY


def _city(what: Happening) -> str:
    if isinstance(what, (Line, Threat)):
        return OFFICES[what.office].city
    return "LONDON"


def _filled(template: str, what: Happening, when: datetime) -> str:
    """Fill a template; a name with a capital begins a sentence."""
    words = {name: getattr(what, name) for name in what.__slots__} | {"day": f"{when:%A}"}
    if isinstance(what, (Line, Threat)):
        office = OFFICES[what.office]
        words |= {"office": office.name, "relay": office.relay, "short": office.short}
    if isinstance(what, Novelty):
        words["a"] = "an" if what.sort[0] in "aeiou" else "a"
    words |= {name.capitalize(): text[:1].upper() + text[1:] for name, text in words.items()}
    filled = template.format(**words)
    return filled[:1].upper() + filled[1:]
