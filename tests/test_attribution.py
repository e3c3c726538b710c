"""Whose words they are, by kinds of error seen on text nobody had read, each beside look-alikes.

``attribution.jsonl`` holds invented sentences; ``marks`` are the words the reader is supposed to have marked.
"""

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from readings import reading, scene

from extractors.actors.finder import ActorFinder
from extractors.reader.decoding import ScoredSpan, SentenceReading
from extractors.statements.speakers import SpeakerResolver

DATA = Path(__file__).parent / "data" / "attribution.jsonl"
CASES: list[dict[str, Any]] = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def resolver(seeds: Path, actors: ActorFinder) -> SpeakerResolver:
    return SpeakerResolver(seeds, actors=actors)


def marked_in(text: str, told: SentenceReading, words: str) -> ScoredSpan:
    """Where ``words`` stand in the sentence, or if they do not, first in the text."""
    inside = text.find(words, told.start, told.end)
    start = inside if inside >= 0 else text.index(words)
    return ScoredSpan(start, start + len(words), 0.9)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:60])
def test_whose_words_they_are(resolver: SpeakerResolver, actors: ActorFinder, case: dict[str, Any]) -> None:
    """The side always, the name where the case gives one."""
    title, on = case.get("title", ""), case.get("on")
    whole = f"{title}\n\n{case['text']}" if title else case["text"]
    told = reading(whole, case.get("sentence", ""))
    marked = {
        role: tuple(marked_in(whole, told, words) for words in marks) for role, marks in case.get("marks", {}).items()
    }
    seen = scene(whole, actors, title=title, on=date.fromisoformat(on) if on else None)
    found = resolver.resolve(replace(told, spans={**told.spans, **marked}), seen)
    assert found.side == case["side"], found
    assert found.name == case.get("name", found.name)


def test_every_kind_has_as_many_look_alikes() -> None:
    """At least ten of each."""
    told = Counter((case["kind"], case["alike"]) for case in CASES)
    assert all(count >= 10 and told[kind, not alike] >= 10 for (kind, alike), count in told.items())
