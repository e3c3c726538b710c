"""Headlines: what is new, in words a reader uses."""

from dataclasses import replace

import pytest
from news_examples import article, stage, statement, weapon

from alerts.wording.headline import category_text, evidence, headline
from extractors.records import Kind, Stage


@pytest.mark.parametrize(
    ("category", "text"),
    [
        ("air_to_surface_missile", "air-to-surface missile"),
        ("anti_ship_missile", "anti-ship missile"),
        ("submarine_launched_missile", "submarine-launched missile"),
        ("cluster_munition", "cluster munition"),
        ("radar", "radar"),
    ],
)
def test_categories_are_hyphenated_as_they_are_written(category: str, text: str) -> None:
    """Compounds only."""
    assert category_text(category) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ballistic missiles", "Iran delivers ballistic missiles to Russia"),
        ("Ballistic Missiles", "Iran delivers ballistic missiles to Russia"),
        ("ICBMs", "Iran delivers ICBMs to Russia"),
    ],
)
def test_a_class_of_weapons_is_named_as_the_article_names_it(text: str, expected: str) -> None:
    """In the plural where that has it, without the capitals of a title."""
    source = article(f"Iran delivered {text} to Russia.")
    told = stage(source, source.text, Stage.DELIVERED, supplier="IR", recipient="RU")
    named = weapon(source, text, category="ballistic_missile", name="ballistic missile", specific=False).weapon
    names = {"IR": "Iran", "RU": "Russia"}
    assert headline(replace(told, weapon=named), names) == expected


@pytest.mark.parametrize(
    ("quote", "part", "matter"),
    [
        ("F-16 jets for Kyiv mean war, Moscow said.", "-16 jets for Kyiv", "F-16 jets for Kyiv"),
        ("Strikes by the U.S. mean war, Tehran said.", "Strikes by the U", "Strikes by the U.S."),
        ("Oslo would shoot down any drone.", "shoot down any", "shoot down"),
        ("Oslo would quit the pact in one week.", "quit the pact in one", "quit the pact"),
        ("Oslo would end talks due to the raid.", "end talks due", "end talks"),
        ("Bergen and its ports would suffer if Oslo pays.", "and its ports would suffer", "its ports would suffer"),
        ("Oslo vows ‘harsh response’ to Moscow.", "‘harsh response’", "harsh response"),
        ("Oslo sees ‘a grave risk’ in it.", "a grave risk’", "a grave risk"),
        ("Oslo would ‘answer’ the raid.", "‘answer’ the raid", "‘answer’ the raid"),
        ("Oslo would close the ports of its allies.", "close the ports of its allies", "close the ports of its allies"),
        ("Oslo would answer Moscow’s raids.", "answer Moscow’s raids", "answer Moscow’s raids"),
        ("Oslo would strike.", "strike the", None),
        ("Oslo says a raid on Bergen ‘will not pay’.", "a raid on Bergen ‘", "a raid on Bergen"),
        ('Oslo says a raid on Bergen "will not pay".', 'a raid on Bergen "', "a raid on Bergen"),
        ("Oslo would end its ‘truce’.", "end its ‘truce’", "end its ‘truce’"),
    ],
)
def test_a_headline_takes_whole_words_and_leaves_no_loose_ends(quote: str, part: str, matter: str | None) -> None:
    """Of what was read, whose spans may cut a word or end at a preposition; one word is no matter."""
    said = statement(article(quote), quote, kind=Kind.THREAT, consequence=part)
    assert headline(said, {}) == f"Kremlin makes a threat{f': {matter}' if matter else ''}"


SEA = "close the strait and every port on its northern shore to all that sails under a flag of the"
SHORT = "close the strait and every port on its northern shore to all that sails under a flag…"


@pytest.mark.parametrize(
    ("quote", "part", "matter"),
    [
        ("Oslo would turn the mother of all cities [Kyiv] into ash.", "turn the mother of all cities [Kyiv",
         "turn the mother of all cities [Kyiv]"),
        ("Oslo would turn the mother of all cities [Kyiv, that is] into ash.", "turn the mother of all cities [Ky",
         "turn the mother of all cities [Kyiv, that is]"),
        ("Oslo would hit the harbour (Bergen) first.", "hit the harbour (Bergen", "hit the harbour (Bergen)"),
        ("Oslo would hit the harbour [of Bergen.", "hit the harbour [of", "hit the harbour"),
        ("Oslo would hit the harbour [ and more.", "hit the harbour [", "hit the harbour"),
        ("Oslo would bomb the Kerch Bridge again.", "bomb the Kerch", "bomb the Kerch Bridge"),
        ("Oslo would attack Saudi Arabia if asked.", "attack Saudi", "attack Saudi Arabia"),
        ("Oslo would cross a line Bergen has drawn.", "cross a line", "cross a line"),
        ("Oslo would leave the Black Sea Fleet, Bergen said.", "leave the Black", "leave the Black Sea Fleet"),
        ("Oslo would answer Bergen Moscow has said.", "answer Bergen", "answer Bergen"),
        (f"{SEA} United States.", f"{SEA} United States", SHORT),
        (f"{SEA} [the enemy].", f"{SEA} [the enemy]", SHORT),
    ],
)  # fmt: skip
def test_a_headline_ends_inside_no_name_or_bracket(quote: str, part: str, matter: str) -> None:
    """Whether the reader ended there, or the headline would be too long."""
    said = statement(article(quote), quote, kind=Kind.THREAT, consequence=part)
    assert headline(said, {}) == f"Kremlin makes a threat: {matter}"


@pytest.mark.parametrize(
    ("quote", "part", "matter"),
    [
        ("Oslo will shut it in the coming weeks.", "shut it in the coming", "shut it in the coming weeks"),
        ("Oslo will shell it over the next days.", "shell it over the next", "shell it over the next days"),
        ("Oslo will expel a foreign observer.", "expel a foreign", "expel a foreign observer"),
        ("Oslo will seize the same island.", "seize the same", "seize the same island"),
        ("Oslo will burn its own bridges.", "burn its own", "burn its own bridges"),
        ("Oslo will send several brigades.", "send several", "send several brigades"),
        ("Oslo will hit military bases.", "hit military", "hit military bases"),
        ("Oslo will fire long-range rockets.", "fire long-range", "fire long-range rockets"),
        ("Oslo will strike decision-making centres.", "strike decision-making", "strike decision-making centres"),
        ("Oslo will hold joint drills.", "hold joint", "hold joint drills"),
        ("Oslo will close the strait in the coming", "close the strait in the coming", "close the strait"),
        ("Oslo will shell the port over the next.", "shell the port over the next", "shell the port"),
        ("Oslo will go nuclear if it must.", "go nuclear", "go nuclear"),
        ("Oslo will strike the foreign and the local.", "strike the foreign", "strike the foreign"),
        ("Oslo will strike again and again, others say.", "strike again", "strike again"),
        ("Oslo will turn economic, it said.", "turn economic", "turn economic"),
        ("Oslo will be armed to the teeth.", "be armed", "be armed"),
        ("Oslo will answer many, Bergen said.", "answer many", "answer many"),
        ("Oslo will close the strait today.", "close the strait", "close the strait"),
        ("Oslo will make it national.", "make it national", "make it national"),
    ],
)  # fmt: skip
def test_a_headline_does_not_end_before_the_noun_it_needs(quote: str, part: str, matter: str) -> None:
    """The noun stands in the sentence, or the headline ends before what needs it."""
    said = statement(article(quote), quote, kind=Kind.THREAT, consequence=part)
    assert headline(said, {}) == f"Kremlin makes a threat: {matter}"


@pytest.mark.parametrize(
    ("condition", "consequence", "matter"),
    [
        ("in Ukraine", None, ""),
        ("over the Black Sea", "answer with force", ": answer with force"),
        ("near Bergen", "harsh response", ": harsh response"),
        ("in Ukraine again", None, ": in Ukraine again"),
        ("on Oslo’s soil", "harsh response", ": on Oslo’s soil"),
        ("troops in Ukraine", None, ": troops in Ukraine"),
    ],
)
def test_a_place_alone_is_no_matter(condition: str, consequence: str | None, matter: str) -> None:
    """It says where and not what; what would follow is told instead."""
    said = statement(article("Never."), "Never.", condition=condition, consequence=consequence)
    assert headline(said, {}) == f"Kremlin draws a red line{matter}"


@pytest.mark.parametrize(
    ("speaker", "verb"),
    [
        ("Officials in Moscow", "draw"),
        ("Leaders of the alliance", "draw"),
        ("Rebels from the hills", "draw"),
        ("Militants", "draw"),
        ("The official in Moscow", "draws"),
        ("Moscow", "draws"),
        ("An envoy in Oslo", "draws"),
    ],
)
def test_several_speakers_draw_and_one_draws(speaker: str, verb: str) -> None:
    """Wherever they are."""
    said = statement(article("Never."), "Never.", speaker=speaker, condition=None, consequence=None)
    assert headline(said, {}).endswith(f"{verb} a red line")


@pytest.mark.parametrize(
    ("said", "consequence", "marked"),
    [
        ("would sanction its arms makers in the coming days.", "sanction its arms makers in the coming", "coming days"),
        ("will answer with new sanctions, he said.", "answer with new", "with new sanctions"),
        ("would move on New Delhi at once.", "move on New", "New Delhi"),
        ("would fire its Kh-101 missiles.", "-101 missiles", "Kh-101 missiles"),
        ("will respond (and its allies too) at once.", "respond (and its", "(and its allies too)"),
        ("will strike back at once.", "strike back", "strike back"),
        ("will strike back, Moscow said.", "strike back", "strike back"),
        ("will hit what is coming, it said.", "hit what is coming", "is coming"),
    ],
)
def test_key_words_end_with_the_word_that_their_last_one_needs(said: str, consequence: str, marked: str) -> None:
    """As headlines do: with the noun, the rest of a name or of a bracket; what is whole stays as it is."""
    source = article(f"The Kremlin {said} Nobody else spoke.")
    item = statement(source, f"The Kremlin {said}", consequence=consequence)
    _, ((start, end),) = evidence(item, [item])
    assert source.document[start:end].endswith(marked)
