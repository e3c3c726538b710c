"""For whom an official speaks whose office names no country, who is spoken to, who passes it on; nothing is guessed."""

import json
from pathlib import Path
from typing import Any

import pytest

from extractors.actors import ActorFinder
from extractors.attribution import Attributor, Utterance
from extractors.sentences import build_nlp

DATA = Path(__file__).parent / "data" / "sides.jsonl"
CASES = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
NLP = build_nlp()


@pytest.fixture(scope="module")
def parts(seeds: Path) -> tuple[ActorFinder, Attributor]:
    return ActorFinder(seeds), Attributor(seeds)


def saying(case: dict[str, Any], parts: tuple[ActorFinder, Attributor]) -> Utterance | None:
    """The shortest utterance whose content holds the words of the case."""
    actors, attributor = parts
    doc = NLP(case["text"])
    at = case["text"].index(case["said"])
    end = at + len(case["said"])
    told = attributor.find(doc, actors.find(doc))
    holding = [u for u in told if any(start <= at and end <= stop + 1 for start, stop in u.content)]
    return min(holding, key=lambda u: u.end - u.start, default=None)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:40])
def test_whose_words_they_are(case: dict[str, Any], parts: tuple[ActorFinder, Attributor]) -> None:
    """Each case of the table: speaker, side, and whom the words pass by and are meant for."""
    found = saying(case, parts)
    if case.get("silent"):
        assert found is None or not found.official
        return
    assert found is not None
    if not case.get("anyone"):
        assert found.speaker == case["speaker"]
        assert case["side"] in (found.side, "any")
    assert found.official is case.get("official", found.official)
    for key in ("relayed_by", "addressee"):
        if key in case:
            assert getattr(found, key) == case[key]
