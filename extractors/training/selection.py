"""Active learning: which unread passages careful readers are asked about, and what they are shown.

A round asks for the surest finds, for those the model is unsure of, and for some at random, each with the sentences
around it. What comes back is turned into labels by ``labels``.
"""

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extractors.training.data import Document

AROUND = 2
"""Sentences before and after a chosen one that are judged with it."""
BATCH = 45
_OPENING, _ABOVE = 220, 500
_TURN = re.compile(
    r"(?:^|\n)((?:[A-Z][A-Z.'’ -]{2,40}|Q|[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]+){0,4}(?: \([^)]{2,40}\))?)\s?:)"
)
_NUMBER = re.compile(r"^\[(\d+)\] ", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How many passages a round asks for, of each kind; ``near`` is how far down the ranking unsure ones are drawn."""

    sure: int = 330
    unsure: int = 330
    near: int = 1_800
    transfers: int = 160
    unsure_transfers: int = 120
    near_transfers: int = 600
    random: int = 60


def choose(
    statements: Sequence[float],
    transfers: Sequence[float],
    documents: Sequence[Document],
    *,
    wanted: Wanted,
    chance: random.Random,
) -> list[list[int]]:
    """Return the passages of a round, each as the numbers of its sentences; no sentence is in two of them.

    Sentences are numbered through all ``documents``; ``statements`` and ``transfers`` hold a score for each.
    """
    taken: set[int] = set()
    passages: list[list[int]] = []
    neighbours = [group for document in _numbered(documents) for group in _windows(document)]
    for number in _drawn(statements, transfers, wanted, chance):
        passage = [each for each in neighbours[number] if each not in taken]
        if number not in taken:
            taken.update(passage)
            passages.append(passage)
    chance.shuffle(passages)
    return passages


def _drawn(statements: Sequence[float], transfers: Sequence[float], wanted: Wanted, chance: random.Random) -> list[int]:
    by_statement, by_transfer = _ranked(statements), _ranked(transfers)
    return [
        *by_statement[: wanted.sure],
        *_some(by_statement[wanted.sure : wanted.near], wanted.unsure, chance),
        *by_transfer[: wanted.transfers],
        *_some(by_transfer[wanted.transfers : wanted.near_transfers], wanted.unsure_transfers, chance),
        *_some(range(len(statements)), wanted.random, chance),
    ]


def _ranked(scores: Sequence[float]) -> list[int]:
    return sorted(range(len(scores)), key=lambda number: -scores[number])


def _some(numbers: Sequence[int], count: int, chance: random.Random) -> list[int]:
    return chance.sample(numbers, min(count, len(numbers)))


def _numbered(documents: Iterable[Document]) -> Iterable[range]:
    """Yield the numbers of the sentences of each document."""
    at = 0
    for document in documents:
        yield range(at, at + len(document.sentences))
        at += len(document.sentences)


def _windows(numbers: range) -> Iterable[range]:
    return (numbers[max(0, at - AROUND) : at + AROUND + 1] for at in range(len(numbers)))


def write_batches(
    folder: Path,
    passages: Sequence[Sequence[int]],
    documents: Sequence[Document],
    about: Mapping[str, Mapping[str, Any]],
) -> None:
    """Write ``passages`` into numbered files for readers; ``about`` holds what is known of each document, by its id."""
    places = [(document, span) for document in documents for span in document.sentences]
    for first in range(0, len(passages), BATCH):
        shown = (
            _shown(number, passage, places, about[places[passage[0]][0].id])
            for number, passage in enumerate(passages[first : first + BATCH], first)
        )
        (folder / f"batch-{first // BATCH:02d}.txt").write_text("\n".join(shown), encoding="utf-8")


def _shown(
    number: int, passage: Sequence[int], places: Sequence[tuple[Document, tuple[int, int]]], about: Mapping[str, Any]
) -> str:
    """Return a passage as a reader sees it: how its text opens, who has the floor, what stands before it."""
    document, (start, _) = places[passage[0]]
    text = document.text
    turns = _TURN.findall(text[:start])
    source = " | ".join(f"{key} {about.get(key)}" for key in ("source", "outlet", "published"))
    lines = [
        f"### PASSAGE {number} | {source}",
        f"TEXT OPENS: {_line(text[:_OPENING])}",
        f"LAST TURN ABOVE: {turns[-1].strip() if turns else '-'}",
        f"BEFORE: …{_line(text[max(0, start - _ABOVE) : start])}",
        *(f"[{each}] {text[slice(*places[each][1])]}" for each in passage),
    ]
    return "\n".join(lines) + "\n"


def _line(text: str) -> str:
    return text.replace("\n", " / ")


def shown_in(batch: str) -> set[int]:
    """Return the numbers of the sentences that a batch shows."""
    return {int(number) for number in _NUMBER.findall(batch)}


def finished(answers: Iterable[Mapping[str, Any]]) -> tuple[set[str], list[Mapping[str, Any]]]:
    """Part what readers wrote into the names of the batches they finished and their findings."""
    answers = list(answers)
    done = {Path(answer["batch"]).stem for answer in answers if answer.get("done")}
    return done, [answer for answer in answers if not answer.get("done")]
