"""Which entries are the same: a site that moves, an id that is no address, and links that say nothing."""

from dataclasses import replace
from typing import Any

import pytest

from flows.sources import identity
from flows.sources.feed_records import Entry
from flows.sources.identity import Memory, Settled

STORIES = ("Missiles delivered", "Talks fail", "Bridge closed", "Grain exported", "Port reopened")


def entries(host: str, *, count: int = 5, dated: bool = True, guid: str = "permalink") -> list[Entry]:
    """Stories of a feed at ``host``."""
    return [
        Entry(
            guid=f"https://{host}/2026/11/{n}-story" if guid == "permalink" else f"tag:{n}" if guid else None,
            url=f"https://{host}/2026/11/{n}-story",
            title=title,
            summary=f"{title}, officials said.",
            content=f"{title}, officials said.",
            published=None,
            published_raw=f"Thu, 19 Nov 2026 1{n}:00:00 GMT" if dated else None,
        )
        for n, title in enumerate(STORIES[:count])
    ]


def polls(*documents: list[Entry]) -> list[Settled]:
    """Settle each document in turn, with the memory that the one before left."""
    memory, policy, settled = Memory(), "link", []
    for document in documents:
        settled.append(identity.settle(document, feed="f", policy=policy, memory=memory))
        policy = settled[-1].policy
        memory = Memory.loads(memory.after([sighting.row for sighting in settled[-1].sightings]).dumps())
    return settled


MOVED: dict[str, dict[str, Any]] = {
    "permalinks for ids": {},
    "ids that stay": {"guid": "tag"},
    "no ids": {"guid": ""},
    "a single story": {"count": 1},
    "two stories": {"count": 2},
    "no dates": {"dated": False},
    "a single story, no id": {"count": 1, "guid": ""},
    "no dates, no ids": {"dated": False, "guid": ""},
}


@pytest.mark.parametrize("kind", MOVED)
def test_moving_a_host_renews_nothing(kind: str) -> None:
    """Every story is known under its old identity, what links are worth is as before, and a new story is new."""
    before = entries("wire.example", **MOVED[kind])
    after = entries("news.wire.test", **MOVED[kind])
    new = replace(after[0], title="New story", url="https://news.wire.test/2026/11/9-new", guid="new", content="New.")
    first, moved, later = polls(before, after, [*after, new])
    assert {sighting.row.identity for sighting in moved.sightings} == {s.row.identity for s in first.sightings}
    assert {sighting.status for sighting in moved.sightings} == {"known"}
    assert [sighting.entry.title for sighting in later.sightings if sighting.status == "new"] == ["New story"]
    assert later.policy == "link"


def test_one_path_at_two_hosts_is_two_stories() -> None:
    """Numbers of pages are the same everywhere: only with the same title or date it is a move."""
    (there,), (here,) = entries("wire.example", count=1), entries("press.example", count=1)
    other = replace(here, title="Another story", published_raw="Fri, 20 Nov 2026 10:00:00 GMT", content="Another.")
    _, second = polls([there], [there, other])
    assert [sighting.status for sighting in second.sightings] == ["known", "new"]


def test_a_memory_of_the_last_version_is_read() -> None:
    """Before rows held a path they had six values."""
    old = '{"cursor":3,"rows":[["i","l","g","t","d","c"]]}'
    assert Memory.loads(old).rows[0].values == ("i", "l", "g", "t", "d", "c", "")
