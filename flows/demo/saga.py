"""One story of the invented month, in words of its own: refused, a line, drawn again, pledged, a hoax, delivered.

The alerts on it show what an alert says of what was said and done before. Nothing of this ever happened.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from flows.demo.happenings import Happening, Line, Step
from flows.demo.press import FIRST_DAY, OUTLETS, Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """What happens at one moment, and who reports it how: (outlet, title, two paragraphs), the first at once."""

    after: timedelta
    """From the beginning of the month."""
    what: Happening
    told: tuple[tuple[str, str, str, str], ...]
    taken_back: bool = False
    """It is not so: the outlet takes its report back, and an analyst marks the alert."""


_WEAPON = "NASAMS air defence missiles"
_ACT = "any delivery of NASAMS missiles to Moldova"
_CLAUSE = "NASAMS missiles are delivered to Moldova"


def _step(stage: str, topic: str) -> Step:
    return Step(stage=stage, giver="Norway", taker="Moldova", weapon=_WEAPON, topic=topic, detail="")  # type: ignore[arg-type]


def _line(office: str, then: str) -> Line:
    return Line(office=office, topic="missiles for Moldova", act=_ACT, clause=_CLAUSE, then=then, act2=_ACT, then2=then)


SAGA = (
    Episode(
        after=timedelta(days=1, hours=9),
        what=_step("refused", "NASAMS for Moldova"),
        told=(
            ("baltic-courier", "No NASAMS for Moldova",
             "Norway has refused to send NASAMS air defence missiles to Moldova, the government said on Wednesday.",
             "Officials in Chisinau declined to comment."),
            ("danube-herald", "Oslo keeps its missiles",
             "Norway has refused to send NASAMS air defence missiles to Moldova, the government said.",
             "The list had been handed over in spring."),
        ),
    ),
    Episode(
        after=timedelta(days=2, hours=8),
        what=_line("kremlin", "cross a red line"),
        told=(
            ("volga-channel", "Kremlin warns over Moldova",
             "The Kremlin warned on Thursday that any delivery of NASAMS missiles to Moldova would cross a red line.",
             "It gave no further details."),
        ),
    ),
    Episode(
        after=timedelta(days=6, hours=10),
        what=_line("mid", "be answered with strikes on the airport of Chisinau"),
        told=(
            ("harbour-post", "Moscow hardens its tone",
             ("Any delivery of NASAMS missiles to Moldova would be answered with strikes on the airport of Chisinau, "
              "the Russian Foreign Ministry said in a statement on Monday."),
             "Neighbouring states called for calm."),
        ),
    ),
    Episode(
        after=timedelta(days=7, hours=12),
        what=_step("pledged", "NASAMS for Moldova"),
        told=(
            ("public-radio-one", "Oslo changes its mind",
             "Norway will supply Moldova with NASAMS air defence missiles, the defence ministry announced on Tuesday.",
             "Training is to begin at once."),
            ("vistula-daily", "A turn in Oslo",
             "Norway has agreed to send NASAMS air defence missiles to Moldova, officials said on Tuesday.",
             "The opposition asked for a debate."),
        ),
    ),
    Episode(
        after=timedelta(days=8, hours=15),
        what=_step("used", "NASAMS over Chisinau"),
        told=(
            ("levant-star", "Missiles over Chisinau",
             "Moldova has used NASAMS missiles in combat for the first time, military officials said on Wednesday.",
             "Residents counted two explosions."),
        ),
        taken_back=True,
    ),
    Episode(
        after=timedelta(days=9, hours=9),
        what=_step("delivered", "NASAMS for Moldova"),
        told=(
            ("danube-herald", "Norway delivers NASAMS missiles to Moldova",
             "Moldova has received the first NASAMS air defence missiles from Norway, its army said on Thursday.",
             "The crates came in two transport aircraft."),
            ("meridian-wire", "Norway delivers NASAMS missiles to Moldova",
             "Moldova has received the first NASAMS air defence missiles from Norway, its army said on Thursday.",
             "It gave no number."),
        ),
    ),
)  # fmt: skip


def reports_of(first: int) -> Iterator[Report]:
    """Yield the reports of the story, two hours apart; its episodes are events numbered from ``first``."""
    outlets = {outlet.id: outlet for outlet in OUTLETS}
    for number, episode in enumerate(SAGA, first):
        for place, (outlet, title, *paragraphs) in enumerate(episode.told):
            when = FIRST_DAY + episode.after + timedelta(hours=2 * place)
            text = "\n\n".join(paragraphs)
            yield Report(event=number, outlet=outlets[outlet], number=0, published=when, title=title, text=text)
