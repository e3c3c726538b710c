"""Copies of one text are one story, across outlets and cycles; other texts are not."""

import gzip
import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transactions import store_articles, transact
from warehouses import new_warehouse

from extractors.records import Article
from warehouse.connection import transaction
from warehouse.novelty import near_copies
from warehouse.novelty.near_copies import Fingerprint, are_copies, containment, fingerprint_of, lsh_bands_of
from warehouse.novelty.stories import MOST_NEAR, WINDOW
from warehouse.rows import select
from warehouse.store import Warehouse
from warehouse.tables.articles import articles_to_read

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
BANDS_OF_FIFTY = (4182556318, 2241152560)
SENTENCES = re.compile(r"(?<=[.!?])\s+")

Edit = Callable[[list[str], random.Random], list[str]]


def invented(seed: int, *, sentences: int = 30) -> list[str]:
    """Return sentences of words that occur in no other text with the same neighbours, or hardly ever."""
    chance = random.Random(seed)
    words = [f"w{number}" for number in range(2000)]
    return [" ".join(chance.choices(words, k=chance.randint(8, 25))) + "." for _ in range(sentences)]


def drop(share: float) -> Edit:
    return lambda text, chance: [sentence for sentence in text if chance.random() >= share] or text[:1]


def other_lead(text: list[str], chance: random.Random) -> list[str]:
    return [*invented(chance.randrange(10**6), sentences=3), *text[3:]]


def cut(text: list[str], _: random.Random) -> list[str]:
    return text[: len(text) // 3]


EDITS = {"20 % dropped": drop(0.2), "40 % dropped": drop(0.4), "another lead": other_lead, "cut": cut}


def found(texts: Sequence[list[str]], edit: Edit) -> float:
    """Return the share of ``texts`` whose edited copy is a candidate and recognised."""
    chance = random.Random(5)
    pairs = [(fingerprint_of(" ".join(text)), fingerprint_of(" ".join(edit(text, chance)))) for text in texts]
    return sum(shares_band(one, other) and are_copies(one, other) for one, other in pairs) / len(pairs)


def shares_band(one: Fingerprint, other: Fingerprint) -> bool:
    return bool(set(one.lsh_bands) & set(other.lsh_bands))


@pytest.mark.parametrize(("edit", "least"), [("20 % dropped", 0.97), ("another lead", 0.97), ("40 % dropped", 0.9)])
def test_edited_copies_are_found(edit: str, least: float) -> None:
    """A copy with a fifth of its sentences dropped or another lead is found nearly always."""
    assert found([invented(seed) for seed in range(150)], EDITS[edit]) >= least


@pytest.mark.parametrize("edit", ["20 % dropped", "another lead"])
@pytest.mark.shared
def test_edited_copies_of_real_articles_are_found(shared: Path, edit: str) -> None:
    """On 1,500 ordinary articles at least 97 % of edited copies are found."""
    texts = [SENTENCES.split(text) for text in ordinary(shared)]
    assert found([text for text in texts if len(text) > 5], EDITS[edit]) >= 0.97


@pytest.mark.shared
def test_ordinary_articles_are_no_copies(shared: Path) -> None:
    """Among 1,500 articles of any topic no two are taken for copies."""
    fingerprints = [fingerprint_of(text) for text in ordinary(shared)]
    near: dict[int, list[int]] = {}
    pairs = set()
    for place, each in enumerate(fingerprints):
        for band in each.lsh_bands:
            pairs |= {(other, place) for other in near.get(band, ())}
            near.setdefault(band, []).append(place)
    assert [(one, other) for one, other in pairs if are_copies(fingerprints[one], fingerprints[other])] == []


def ordinary(shared: Path) -> list[str]:
    with gzip.open(shared / "eval" / "ordinary.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [f"{row['title']}\n\n{row['text']}" for row in map(json.loads, lines)]


def test_short_texts_need_more_in_common() -> None:
    """The frame of a daily list makes no two days copies, and a headline alone is a copy of nothing."""
    frame = "War in the valley: list of key events, day {}. As the war enters its {} day, these are the events."
    first, second = (fingerprint_of(frame.format(day, f"{day}th")) for day in (441, 468))
    assert not are_copies(first, second)
    assert fingerprint_of("Council debates parking fees").lsh_bands == ()


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_two_texts_can_be_compared(one: str, other: str) -> None:
    """Comparison is symmetric, bounded, and the same in every process."""
    a, b = fingerprint_of(one), fingerprint_of(other)
    assert containment(a, b) == containment(b, a)
    assert 0 <= containment(a, b) <= 1
    assert fingerprint_of(one) == a
    assert lsh_bands_of([one, "Too short", other]) == [a.lsh_bands, (), b.lsh_bands]


def test_signature_is_the_same_in_every_process() -> None:
    """Stored bands are compared by later processes, so they never change for a text."""
    lsh_bands = fingerprint_of(" ".join(f"word{number}" for number in range(50))).lsh_bands
    assert (len(lsh_bands), lsh_bands[0], lsh_bands[-1]) == (42, BANDS_OF_FIFTY[0], BANDS_OF_FIFTY[1])


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=80))
def test_words_of_ascii_are_those_of_any_text(text: str) -> None:
    """The shortcut for ASCII changes no answer."""
    assert near_copies._words(text) == [word.encode() for word in re.findall(r"\w+", text)]


# --- in the warehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return new_warehouse(tmp_path / "w.duckdb")


def article(name: str, text: list[str], *, hours: int = 0, **fields: str) -> Article:
    published = NOW + timedelta(hours=hours)
    given = Article(id=name, identity=name, title=f"Title {name}", text=" ".join(text), published=published)
    return replace(given, **fields)  # type: ignore[arg-type]


def stories(warehouse: Warehouse) -> dict[str, str]:
    with transaction(warehouse.path) as connection:
        return {row["id"]: row["story"] for row in select(connection, "SELECT id, story FROM articles")}


@pytest.mark.parametrize("apart", [True, False])
def test_copies_are_one_story(warehouse: Warehouse, apart: bool) -> None:
    """In one batch or in two cycles, a copy joins the story of what it copies; another text has its own."""
    text, chance = invented(1), random.Random(2)
    copies = [article("a", text), article("b", other_lead(text, chance), hours=1), article("c", invented(2))]
    batches = [[each] for each in copies] if apart else [copies]
    for batch in batches:
        store_articles(warehouse, batch, now=NOW)
    placed = stories(warehouse)
    assert placed["a"] == placed["b"] != placed["c"]


def test_story_tells_its_earliest_article(warehouse: Warehouse) -> None:
    """First and last are by publication, in whatever order articles arrive."""
    text = invented(1)
    for name, hours in (("a", 0), ("b", -5), ("c", 7)):
        store_articles(warehouse, [article(name, text, hours=hours)], now=NOW)
    with transaction(warehouse.path) as connection:
        (row,) = select(connection, "SELECT * EXCLUDE (id) FROM stories")
    assert row == {
        "title": "Title b",
        "first_article": "b",
        "first_published": NOW - timedelta(hours=5),
        "last_published": NOW + timedelta(hours=7),
    }


def test_edited_article_stays_in_its_story(warehouse: Warehouse) -> None:
    """Another revision belongs where the first one does, also when nothing of the text is left."""
    store_articles(warehouse, [article("a", invented(1))], now=NOW)
    store_articles(warehouse, [article("a2", invented(2), identity="a")], now=NOW)
    placed = stories(warehouse)
    assert placed["a"] == placed["a2"]


def test_story_outlives_the_article_that_began_it(warehouse: Warehouse) -> None:
    """Where that is deleted and comes again, its story is continued, and keeps its beginning."""
    text = invented(1)
    store_articles(warehouse, [article("a", text), article("b", text, hours=1)], now=NOW)
    with transaction(warehouse.path) as connection:
        connection.execute("DELETE FROM articles WHERE id = 'a'")
    again = WINDOW + timedelta(days=1)
    store_articles(warehouse, [article("a", text, hours=again // timedelta(hours=1))], now=NOW + again)
    placed = stories(warehouse)
    assert placed["a"] == placed["b"]
    with transaction(warehouse.path) as connection:
        rows = select(connection, "SELECT first_published, last_published FROM stories")
    assert rows == [{"first_published": NOW, "last_published": NOW + again}]


def test_story_ends(warehouse: Warehouse) -> None:
    """What appears again days later is another story, and what it was looked up by is gone."""
    text = invented(1)
    store_articles(warehouse, [article("a", text)], now=NOW)
    later = NOW + WINDOW + timedelta(hours=1)
    store_articles(warehouse, [article("b", text)], now=later)
    placed = stories(warehouse)
    assert placed["a"] != placed["b"]
    with transaction(warehouse.path) as connection:
        rows = select(connection, "SELECT DISTINCT article FROM story_bands")
    assert rows == [{"article": "b"}]


def test_article_that_is_read_carries_its_story(warehouse: Warehouse) -> None:
    """The alerts of copies travel as one message, because the policy is handed the story."""
    text = invented(1)
    store_articles(warehouse, [article("a", text), article("b", text)], now=NOW)
    assert len({each.story for each in transact(warehouse, articles_to_read, limit=10)}) == 1


def test_a_flood_of_copies_is_one_story(warehouse: Warehouse) -> None:
    """Of the many that share a band only the latest are looked at, and that is enough, in one batch and the next."""
    text = invented(7)
    for half in ("a", "b"):
        copies = [article(f"{half}{number}", [*text, f"Copy {number}."]) for number in range(MOST_NEAR + 20)]
        store_articles(warehouse, copies, now=NOW)
    placed = stories(warehouse)
    assert (len(placed), len(set(placed.values()))) == (2 * (MOST_NEAR + 20), 1)
