"""Small documents of kinds that real feeds send and that readers lose something of, measured where they are at hand."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.sources import identity
from flows.sources.feed_records import Entry, FeedSpec
from flows.sources.identity import Memory
from flows.sources.parsing import feeds
from flows.sources.workers.document import entry_of

NOW = datetime(2026, 10, 1, tzinfo=UTC)
URL = "https://wire.example/feed"
CASES: dict[str, list[dict[str, Any]]] = {
    "01-nested-author-attachment.xml": [
        {"title": "Story B", "url": "https://wire.example/2", "content": "Text.", "author": "Ann"},
        {"title": "Story C", "url": "https://wire.example/3", "content": "Text C."},
    ],
    "01-nested-related-attribute.xml": [{"url": "https://wire.example/102"}],
    "01-nested-related-poll2.xml": [
        {
            "title": "Missiles delivered to the front",
            "url": "https://wire.example/102",
            "content": "The missiles were delivered on Tuesday.",
            "published": datetime(2026, 9, 29, 10, tzinfo=UTC),
        }
    ],
    "03-unescaped-br.xml": [
        {"title": f"Story {n}", "content": "First line\nsecond\nthird line\nfourth\nfifth"} for n in range(120)
    ],
    "04-every-element-prefixed.xml": [
        {"title": f"Order {n} signed", "url": f"https://wire.example/{n}", "content": f"Text {n}."} for n in (1, 2)
    ],
    "05-media-group-description.xml": [
        {"content": "The ministry said the first Taurus missiles had been delivered to Ukraine."},
        {"content": "The minister warned of an answer."},
    ],
    "06-content-type-cdata.xml": [
        {"content": "The ministry delivered four launchers on Monday."},
        {"content": "The ministry *delivered* five launchers on Monday."},
    ],
    "07-undeclared-es-cp1252.xml": [
        {"title": "El ministro advirtió de una respuesta según la agencia"},
        {"title": "España envía más munición a Ucrania"},
        {"title": "Ningún país ratificará el acuerdo este año"},
    ],
    "07-undeclared-fi-cp1252.xml": [
        {"title": "Ulkoministeri varoitti hyökkäyksestä"},
        {"title": "Sää viilenee itärajalla"},
        {"title": "Päivän pääuutiset"},
    ],
    "07-undeclared-lt-cp1257.xml": [
        {"title": "Ministras perspėjo dėl atsako į smūgį"},
        {"title": "Vyriausybė siųs daugiau šaudmenų"},
        {"title": "Žmonės palieka miestą"},
    ],
    "07-undeclared-pl-iso8859-2.xml": [
        {"title": "Minister ostrzegł przed odpowiedzią na atak"},
        {"title": "Rząd wyśle więcej amunicji na wschód"},
        {"title": "Źródło: żołnierze weszli do miasta"},
    ],
    "07-undeclared-pt-cp1252.xml": [
        {"title": "Simulações de segundo turno mostram a eleição indefinida"},
        {"title": "Últimas notícias: míssil atinge região próxima à fronteira"},
        {"title": "Presidente não descarta retaliação"},
    ],
    "10-tuesday-is-mar.xml": [
        {"published": datetime(2026, 9, 29, 6, 38, 15, tzinfo=UTC), "confidence": "exact"},
        {"published": datetime(2026, 9, 29, 6, 38, 15, tzinfo=UTC), "confidence": "exact"},
        {"published": datetime(2026, 9, 30, 6, 38, 15, tzinfo=UTC), "confidence": "exact"},
    ],
    "11-malformed-with-one-empty-item.xml": [{"title": f"Story {n}"} for n in range(1000)],
    "15-atom-dc-fields.xml": [{"content": "The text of it.", "published": datetime(2026, 9, 28, 10, tzinfo=UTC)}],
}


def entries(path: Path, *, country: str = "", now: datetime = NOW) -> list[Entry]:
    document = feeds.read(path.read_bytes(), charset=None, url=URL, limit=2_000)
    feed = FeedSpec(id="f", outlet="F", url=URL, country=country)
    read = (entry_of(raw, feed, now=now) for raw in document.entries)
    return [entry for entry in read if entry.title or entry.content]


@pytest.mark.shared
@pytest.mark.parametrize("name", CASES)
def test_each_case_is_read_whole(shared: Path, name: str) -> None:
    """Every entry has its own address, text and date."""
    wanted = CASES[name]
    found = entries(shared / "fixtures" / "feed-cases" / name)
    assert [{key: getattr(entry, key) for key in want} for entry, want in zip(found, wanted, strict=True)] == wanted


@pytest.mark.shared
def test_a_clock_in_the_east_is_not_in_the_future(shared: Path) -> None:
    """A story of an hour ago from Beijing that gives no zone."""
    folder, now = shared / "fixtures" / "feed-cases", datetime(2026, 9, 29, 13, tzinfo=UTC)
    (entry,) = entries(folder / "13-no-zone-east.xml", country="CN", now=now)
    assert (entry.published, entry.confidence) == (datetime(2026, 9, 29, 12, 0, 33, tzinfo=UTC), "zone_assumed")


@pytest.mark.shared
def test_a_new_story_does_not_take_the_identity_of_one_that_it_names(shared: Path) -> None:
    """The second poll brings a new story with a link to that of the first inside it."""
    folder = shared / "fixtures" / "feed-cases"
    first, second = (entries(folder / f"01-nested-related-poll{poll}.xml") for poll in (1, 2))
    before = identity.settle(first, feed="f", policy="link", memory=Memory())
    memory = Memory().after([sighting.row for sighting in before.sightings])
    after = identity.settle(second, feed="f", policy=before.policy, memory=memory)
    assert [(sighting.entry.title, sighting.status) for sighting in after.sightings] == [
        ("Missiles delivered to the front", "new")
    ]
