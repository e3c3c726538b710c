"""Whose arms they are and who gets them, by kinds of error seen in news, each beside look-alikes.

``parties.jsonl`` holds invented sentences; ``suppliers`` and ``recipients`` are the words the reader is supposed to
have marked, with their probabilities, and ``expected`` the pairs that are told of the ``weapon``.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from readings import reading, scene, span

from extractors.actors.finder import ActorFinder
from extractors.reader.decoding import WeaponReading
from extractors.reader.settings import TransferThresholds
from extractors.records import Stage, WeaponMention
from extractors.statements.speakers import SpeakerResolver
from extractors.transfers.finder import TransferFinder
from extractors.weapons.finder import WeaponFinder

DATA = Path(__file__).parent / "data" / "parties.jsonl"
ROLES = ("suppliers", "recipients")
CASES: list[dict[str, Any]] = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def finder(seeds: Path, actors: ActorFinder, weapons: WeaponFinder) -> TransferFinder:
    floors = TransferThresholds(stages=dict.fromkeys(Stage, 0.4), party=0.3)
    speakers = SpeakerResolver(seeds, actors=actors)
    return TransferFinder(seeds, speakers=speakers, makers=weapons.lexicon.makers, thresholds=floors)


def mentioned(case: dict[str, Any]) -> list[WeaponMention]:
    """The weapon of a case and those beside it, each where it stands first."""
    found = [(span(case["text"], words), words) for words in (case["weapon"], *case["beside"])]
    return [
        WeaponMention(
            weapon=words.lower().replace(" ", "-"),
            name=words,
            category="weapon",
            specific=words[0].isupper(),
            known=True,
            family=None,
            text=words,
            start=place.start,
            end=place.end,
        )
        for place, words in found
    ]


def read(case: dict[str, Any], mention: WeaponMention) -> WeaponReading:
    """What the reader makes of a weapon: the stage of the case for its own, none for those beside it."""
    told = mention.text == case["weapon"]
    marked = {role: [span(case["text"], words, score) for words, score in case[role]] for role in ROLES}
    return WeaponReading(
        start=mention.start,
        end=mention.end,
        stages={stage: 0.9 if told and stage == case["stage"] else 0.01 for stage in Stage},
        background=0.0,
        **{role: tuple(sorted(spans, key=lambda each: -each.score)) for role, spans in marked.items()},
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:70])
def test_who_gives_and_who_gets(finder: TransferFinder, actors: ActorFinder, case: dict[str, Any]) -> None:
    """Every pair, in the order of the text."""
    weapons = mentioned(case)
    told = reading(case["text"], weapons=[read(case, mention) for mention in weapons])
    found = finder.find(scene(case["text"], actors), [told], weapons=weapons)
    assert [[each.supplier, each.recipient] for each in found] == case["expected"]


def test_every_kind_has_as_many_look_alikes() -> None:
    """At least twenty of each."""
    told = Counter((case["kind"], case["alike"]) for case in CASES)
    assert all(count >= 20 and told[kind, not alike] >= 20 for (kind, alike), count in told.items())
