"""What the words around a name say of its part in a sentence, and whose words a statement therefore is."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from readings import reading, scene, span

from extractors.actors.finder import ActorFinder
from extractors.statements.attribution import Attribution
from extractors.statements.clauses import is_aside, is_threatened, owned_end
from extractors.statements.speakers import SpeakerResolver


@pytest.fixture(scope="module")
def resolver(seeds: Path, actors: ActorFinder) -> SpeakerResolver:
    return SpeakerResolver(seeds, actors=actors)


@pytest.mark.parametrize(
    ("text", "threatened"),
    [
        ("Latvia¦ has been threatened with “consequences” by Moscow.", True),
        ("Latvia¦ was warned by Moscow not to close the road.", True),
        ("Latvia¦ is being openly threatened by Belarus.", True),
        ("Latvia¦ had repeatedly been warned that it would pay.", True),
        ("Latvia¦ threatened by Moscow over the transit.", True),
        ("Latvia¦’s leaders were told to expect strikes.", True),
        ("Latvia¦ got warned once more.", True),
        ("Latvia¦ has threatened Belarus with a closed road.", False),
        ("Latvia¦ warned Moscow of consequences.", False),
        ("Latvia¦ was warning Moscow of consequences.", False),
        ("Latvia¦ had told Belarus that it would act.", False),
        ("Latvia¦ is ready and threatened to act.", False),
        ("Latvia¦, once threatened, now warns Belarus.", False),
        ("Latvia¦ will threaten the transit.", False),
    ],
)
def test_who_is_threatened_does_not_threaten(text: str, threatened: bool) -> None:
    """``¦`` stands behind the name; only the passive with its participle directly after it counts."""
    assert is_threatened(text.replace("¦", ""), text.index("¦")) is threatened


@pytest.mark.parametrize(
    ("text", "aside"),
    [
        ("Oslo will sink any trawler, after ¦Moscow said it would fish there.", True),
        ("Oslo will act as the ¦Kremlin warned of more.", True),
        ("While ¦Moscow warned of war, Oslo said it would fire.", True),
        ("Oslo will act because ¦Moscow said no.", True),
        ("Oslo said ¦Moscow would pay.", False),
        ("Oslo acts. After all, ¦Moscow said no.", False),
        ("Asked in Oslo, ¦Moscow said no.", False),
    ],
)
def test_a_clause_of_time_or_reason_is_beside_the_matter(text: str, aside: bool) -> None:
    """``¦`` stands before the name."""
    assert is_aside(text.replace("¦", ""), text.index("¦"), 0) is aside


@pytest.mark.parametrize(
    ("text", "owned"),
    [
        ("Lukashenko¦'s enforcer threatens", "'s enforcer"),
        ("Lukashenko¦’s ‘watchdog’ threatens", "’s ‘watchdog’"),
        ("Dos Santos¦' banker warned", "' banker"),
        ("Lukashenko¦'s regime threatens", None),
        ("Lukashenko¦'s speech threatens", None),
        ("Lukashenko¦'s spokeswoman threatens", None),
        ("Lukashenko¦'s Minsk threatens", None),
        ("Lukashenko¦ threatens", None),
    ],
)
def test_somebodys_man_is_not_he(text: str, owned: str | None) -> None:
    """A government, a speech or a spokeswoman says what its owner says; anybody else is somebody else."""
    bare, end = text.replace("¦", ""), text.index("¦")
    found = owned_end(bare, end)
    assert (bare[end:found] if found else None) == owned


@pytest.mark.parametrize(
    ("text", "speaker", "name", "side"),
    [
        ("Latvia has been threatened with “consequences” by Russia over the transit.", "Latvia", "Russia", "RU"),
        ("Poland was warned of a harsh answer by the Kremlin.", "Poland", "Kremlin", "RU"),
        ("Japan and Seoul rehearse near North Korea, which has threatened reprisals.", "", "North Korea", "KP"),
        ("Norway drills off Murmansk in Russia, which vowed to answer.", "", "Russia", "RU"),
        ("Vladimir Putin's enforcer threatens to march on Kyiv.", "Vladimir Putin's enforcer",
         "Vladimir Putin's enforcer", "RU"),
        ("Vladimir Putin's banker vows to bury Kyiv.", "Vladimir Putin", "Vladimir Putin's banker", "RU"),
        ("Vladimir Putin's government threatens Kyiv.", "Vladimir Putin's government", "Vladimir Putin", "RU"),
        ("Vladimir Putin's speech threatens Kyiv with war.", "Vladimir Putin's speech", "Vladimir Putin", "RU"),
        ("Latvia has threatened Russia with a closed road.", "Latvia", "Latvia", "LV"),
        ("Norway, which borders Russia, vowed to answer.", "Norway", "Norway", "NO"),
    ],
)  # fmt: skip
def test_the_grammar_tells_whose_words_they_are(
    resolver: SpeakerResolver, actors: ActorFinder, text: str, speaker: str, name: str, side: str
) -> None:
    """Even against the words that the reader marked."""
    roles: dict[str, Any] = {"speaker": speaker} if speaker else {}
    found = resolver.resolve(reading(text, **roles), scene(text, actors))
    assert (found.name, found.side) == (name, side)


@pytest.mark.parametrize(
    ("text", "harm", "names", "side"),
    [
        (
            "Oslo would sink any trawler, after Moscow said it would fish there.",
            "sink any trawler",
            "Oslo Moscow",
            "NO",
        ),
        ("Trawlers left Oslo, after Moscow said it would sink any.", "sink any", "Moscow", "RU"),
        ("Tanks rolled near Kyiv as Minsk warned of a strike.", "a strike", "Minsk", "BY"),
        (
            "Oslo's fleet will fire on trawlers, as Moscow announced more of them.",
            "fire on trawlers",
            "Oslo Moscow",
            "NO",
        ),
    ],
)
def test_who_acts_beside_the_statement_does_not_make_it(
    resolver: SpeakerResolver, actors: ActorFinder, text: str, harm: str, names: str, side: str
) -> None:
    """Of all whom the reader marked: a clause of time or reason is aside where the threat stands before it."""
    marked = {"speaker": tuple(span(text, name) for name in names.split())}
    told = reading(text, consequence=harm)
    assert resolver.resolve(replace(told, spans={**told.spans, **marked}), scene(text, actors)).side == side


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("Berlin may answer Moscow and Minsk if they threaten the grid, it plans.", None),
        ("Moscow said it would answer if Berlin threatens the grid.", "RU"),
        ("Moscow warned that it will answer when Kyiv strikes.", "RU"),
    ],
)
def test_who_acts_in_a_condition_does_not_say_it(
    resolver: SpeakerResolver, actors: ActorFinder, text: str, side: str | None
) -> None:
    """The verb behind "if" reports nothing."""
    found = resolver.resolve(reading(text), scene(text, actors))
    assert (found.side if found.how is Attribution.SUBJECT else None) == side
