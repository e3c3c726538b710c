"""Whose words a statement is: named, meant by a pronoun, holding the floor, told by the title; nothing is guessed."""

import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from readings import reading, scene

from extractors.actors.finder import ActorFinder
from extractors.reader.decoding import ScoredSpan
from extractors.statements.attribution import Attribution, Speaker
from extractors.statements.speakers import SpeakerResolver

WE = "We will respond."


@pytest.fixture(scope="module")
def resolver(seeds: Path, actors: ActorFinder) -> SpeakerResolver:
    return SpeakerResolver(seeds, actors=actors)


def said(
    resolver: SpeakerResolver,
    actors: ActorFinder,
    text: str,
    sentence: str = "",
    *,
    speaker: str = "",
    title: str = "",
    on: date | None = None,
) -> Speaker:
    roles: dict[str, Any] = {"speaker": speaker} if speaker else {}
    whole = f"{title}\n\n{text}" if title else text
    return resolver.resolve(reading(whole, sentence, **roles), scene(whole, actors, title=title, on=on))


@pytest.mark.parametrize(
    ("text", "speaker", "name", "side", "official"),
    [
        ("Vladimir Putin warned that it would mean war.", "Vladimir Putin", "Vladimir Putin", "RU", True),
        ("Moscow warned that it would respond.", "Moscow", "Russia", "RU", True),
        ("The Kremlin warned that it would respond.", "The Kremlin", "Kremlin", "RU", True),
        ("Hezbollah vowed to strike back.", "Hezbollah", "Hezbollah", "hezbollah", True),
        ("Foreign Minister Bahadur Tessaro of Nepal vowed war.", "Foreign Minister Bahadur Tessaro of Nepal",
         "Bahadur Tessaro", "NP", True),
        ("The sister of leader Kim Jong Un, Kim Yo Jong, vowed fire.", "The sister of leader Kim Jong Un, Kim Yo Jong",
         "Kim Yo Jong", "KP", True),
        ("Former president Dmitry Medvedev warned of war.", "Former president Dmitry Medvedev",
         "Dmitry Medvedev", "RU", False),
        ("An aide to Vladimir Putin warned of war.", "An aide to Vladimir Putin", "aide to Vladimir Putin", "RU", True),
        ("A close ally of President Aleksandar Vucic vowed a reply.", "A close ally of President Aleksandar Vucic",
         "close ally of President Aleksandar Vucic", "RS", True),
        ("Erdogan's spokesman Ibrahim Kalin warned of war.", "Erdogan's spokesman Ibrahim Kalin",
         "Ibrahim Kalin", "TR", True),
        ("The sister of the North Korean leader vowed fire.", "The sister of the North Korean leader",
         "Kim Yo Jong", "KP", True),
        ("Kim Yo Jong, sister of leader Kim Jong Un, vowed fire.", "Kim Yo Jong, sister of leader Kim Jong Un",
         "Kim Yo Jong", "KP", True),
        ("A spokeswoman for the Army Board of Nepal vowed war.", "A spokeswoman for the Army Board of Nepal",
         "Army Board of Nepal spokeswoman", "NP", True),
        ("Arms Policy Bureau of Nepal said it would strike.", "Arms Policy Bureau of Nepal",
         "Arms Policy Bureau of Nepal", "NP", True),
        pytest.param("Military analyst Jon Tessaro warned of war.", "Military analyst Jon Tessaro", "Jon Tessaro", None,
                     False),
    ],
)  # fmt: skip
def test_who_is_named_in_the_sentence_speaks(
    resolver: SpeakerResolver,
    actors: ActorFinder,
    text: str,
    speaker: str,
    name: str,
    side: str | None,
    official: bool,
) -> None:
    """Listed or not, with a title, in apposition; experts and former officials speak for no side."""
    found = said(resolver, actors, text, speaker=speaker)
    assert (found.name, found.side, found.official) == (name, side, official)
    assert found.how is Attribution.NAMED


@pytest.mark.parametrize(
    ("how", "loose", "supposed", "yields"),
    [
        (Attribution.NAMED, False, False, False),
        (Attribution.QUOTED, False, False, False),
        (Attribution.HOLDS_FLOOR, False, False, False),
        (Attribution.NAMED_BEFORE, False, False, True),
        (Attribution.LAST_NAMED, True, False, True),
        (Attribution.SUBJECT, False, True, True),
        (Attribution.NAMED_UNSURELY, False, True, True),
        (Attribution.IN_TITLE, True, True, True),
        (Attribution.NOBODY, True, True, True),
    ],
)
def test_how_a_speaker_was_found_says_what_it_is_not_good_enough_for(
    how: Attribution, loose: bool, supposed: bool, yields: bool
) -> None:
    """A statement that is hardly likely, an alert, or to hold against the side that is warned."""
    assert (how.is_loose, how.is_supposed, how.yields) == (loose, supposed, yields)


@pytest.mark.parametrize(
    ("words", "side"),
    [
        ("Iran-backed fighters", None),
        ("Iranian-aligned militias", None),
        ("the Turkish-backed faction", None),
        ("US-trained forces", None),
        ("A Saudi-funded group", None),
        ("Putin-allied mercenaries", None),
        ("Russian-backed separatists", "separatists"),
        ("Iran-backed Hezbollah", "hezbollah"),
        ("the Iran-backed Houthis", "houthis"),
        ("a Saudi-led coalition", "SA"),
        ("Iranian forces", "IR"),
        ("the Polish armed forces", "PL"),
        ("Iran", "IR"),
    ],
)
def test_who_stands_behind_somebody_is_not_the_speaker(
    resolver: SpeakerResolver, actors: ActorFinder, words: str, side: str | None
) -> None:
    """What a backed group says its backer has not said."""
    assert said(resolver, actors, f"Strikes will go on, said {words}.", speaker=words).side == side


@pytest.mark.parametrize(
    ("text", "last", "first"),
    [
        ("Japan, Australia vow a reply.", "Australia", "JP"),
        ("Japan and Australia vow a reply.", "Australia", "JP"),
        ("France, Germany and Poland warn of a reply.", "Poland", "FR"),
        ("France, Germany, and Poland warn of a reply.", "Poland", "FR"),
        ("The UK, France warn of a reply.", "France", "GB"),
        ("“South Korea, US threaten a reply.”", "US", "KR"),
        ("The ships have sailed. Mali and Niger vow a reply.", "Niger", "ML"),
        ("Berlin and Paris vow a reply.", "Paris", "DE"),
        ("After talks with Japan, Australia vows a reply.", "Australia", "AU"),
        ("Beset by Japan and Korea, China vows a reply.", "China", "CN"),
        ("In Japan, Australia vows a reply.", "Australia", "AU"),
        ("Japan sailed, and Australia vows a reply.", "Australia", "AU"),
        ("Of all nations Japan and Australia vow a reply.", "Australia", "AU"),
    ],
)
def test_of_states_that_speak_together_the_first_is_the_speaker(
    resolver: SpeakerResolver, actors: ActorFinder, text: str, last: str, first: str
) -> None:
    """Where a sentence begins with their list; who is only named before the speaker is not in it."""
    assert said(resolver, actors, text, speaker=last).side == first


@pytest.mark.parametrize(
    ("words", "side"),
    [
        ("West African leaders", "ecowas"),
        ("A bloc of West African states", "ecowas"),
        ("The West African bloc", "ecowas"),
        ("the West African bloc", "ecowas"),
        ("ECOWAS", "ecowas"),
        ("the West", "west"),
        ("the collective West", "west"),
        ("West Asian ministers", None),
        ("the West Bank", "PS"),
    ],
)
def test_the_west_of_something_is_not_the_west(
    resolver: SpeakerResolver, actors: ActorFinder, words: str, side: str | None
) -> None:
    """West Africa has a bloc of its own."""
    assert said(resolver, actors, f"There will be a reply, said {words}.", speaker=words).side == side


@pytest.mark.parametrize(
    ("day", "official"), [(date(2022, 3, 1), True), (date(2024, 3, 1), False), (date(2026, 3, 1), False)]
)
def test_a_leader_out_of_office_speaks_for_no_state(
    resolver: SpeakerResolver, actors: ActorFinder, day: date, official: bool
) -> None:
    """Boris Johnson was prime minister until September 2022."""
    found = said(resolver, actors, "Boris Johnson said that it would respond.", speaker="Boris Johnson", on=day)
    assert (found.id, found.official) == ("boris-johnson", official)


@pytest.mark.parametrize(("day", "holder"), [(date(2023, 3, 1), "Joe Biden"), (date(2025, 6, 1), "Donald Trump")])
def test_an_office_is_its_holder_on_the_day(
    resolver: SpeakerResolver, actors: ActorFinder, day: date, holder: str
) -> None:
    """The US president of 2023 is not that of 2025."""
    text = "The US president warned that America would respond."
    assert said(resolver, actors, text, speaker="The US president", on=day).name == holder


@pytest.mark.parametrize(
    ("words", "head"),
    [
        ("Russian leader", True),
        ("The Russian leader", True),
        ("Senior Russian leader", False),
        ("Russian opposition leader", False),
        ("A top Russian party leader", False),
        ("Russian militia leader", False),
        ("Russian gang leader", False),
        ("The Russian cartel leader", False),
        ("A Russian mafia leader", False),
        ("Russian crime leader", False),
        ("The Russian insurgent leader", False),
        ("Russian clan leader", False),
        ("Notorious Russian gang leader", False),
        ("Prominent Russian jihadist leader", False),
        ("Embattled Russian leader", True),
        ("The defiant Russian leader", True),
        ("Outspoken Russian leader", True),
        ("Russian leader Vladimir Putin", True),
    ],
)
def test_a_leader_among_others_is_not_the_head_of_the_state(
    resolver: SpeakerResolver, actors: ActorFinder, words: str, head: bool
) -> None:
    """A senior leader, or that of a party, is somebody whom the text does not name."""
    found = said(resolver, actors, f"{words} says Kyiv will burn.", speaker=words, on=date(2024, 3, 1))
    assert (found.name == "Vladimir Putin", found.side) == (head, "RU")


@pytest.mark.parametrize(
    ("text", "pronoun", "name"),
    [
        ("Vladimir Putin met generals. He warned that it would mean war.", "He", "Vladimir Putin"),
        ("Vladimir Putin spoke after Kim Yo Jong. She warned of war.", "She", "Kim Yo Jong"),
        ("Kim Yo Jong spoke before Vladimir Putin. He warned of war.", "He", "Vladimir Putin"),
        ("Dmitry Peskov, a close aide to Vladimir Putin. He warned of war.", "He", "Dmitry Peskov"),
        ("Dmitry Peskov met an old ally of Ramzan Kadyrov. He warned of war.", "He", "Dmitry Peskov"),
        ("Dmitry Peskov met Ramzan Kadyrov, an ally. He warned of war.", "He", "Ramzan Kadyrov"),
    ],
)
def test_a_pronoun_is_the_last_person_of_its_gender(
    resolver: SpeakerResolver, actors: ActorFinder, text: str, pronoun: str, name: str
) -> None:
    """Whoever was named in between."""
    sentence = text.split(". ")[1]
    assert said(resolver, actors, text, sentence, speaker=pronoun).name == name


TRANSCRIPT = """Press Briefing by Press Secretary Jen Psaki

MS. PSAKI: Hi, everyone.

Q Will you respond to Iran?

MS. PSAKI: We will respond.

THE PRESIDENT: If they attack, there will be consequences."""


def test_who_holds_the_floor_of_a_transcript_speaks(resolver: SpeakerResolver, actors: ActorFinder) -> None:
    """Each turn is its label's; a question is nobody's."""
    day = date(2022, 2, 1)
    psaki = said(resolver, actors, TRANSCRIPT, WE, speaker="We", on=day)
    president = said(resolver, actors, TRANSCRIPT, "If they attack, there will be consequences.", on=day)
    asked = said(resolver, actors, TRANSCRIPT, "Will you respond to Iran?", on=day)
    assert (psaki.name, psaki.side, psaki.official) == ("Jen Psaki", "US", True)
    assert (president.name, president.side) == ("Joe Biden", "US")
    assert (asked.name, asked.official) == (None, False)


@pytest.mark.parametrize(
    ("title", "body", "name", "side"),
    [
        ("Remarks by Sergey Lavrov at the Security Council", WE, "Sergei Lavrov", "RU"),
        ("UN General Assembly: Turkey", f"Mr. President, {WE}", None, "TR"),
        ("", f"Pyongyang, June 24 (KCNA) -- {WE}", None, "KP"),
    ],
)
def test_a_title_or_a_dateline_says_who_speaks(
    resolver: SpeakerResolver, actors: ActorFinder, title: str, body: str, name: str | None, side: str
) -> None:
    """A release names its speaker, a debate its state; an agency that menaces in its own voice is its state's."""
    found = said(resolver, actors, body, WE, speaker="We", title=title)
    assert (found.side, found.official) == (side, True)
    assert name is None or found.name == name


BRIEFING = """Briefing by Press Secretary Jen Psaki and Adviser Tomas Vehr

MS. PSAKI: Hi.

MR. VEHR: We will respond.

Q Sergei Lavrov says that Russia will answer. And you?

Q So you would answer?

MS. PSAKI: President Biden told them that he would respond."""


@pytest.mark.parametrize(
    ("sentence", "speaker", "name", "side", "official"),
    [
        ("MR. VEHR: We will respond.", "", "Tomas Vehr", "US", True),
        ("Sergei Lavrov says that Russia will answer.", "Sergei Lavrov", "Sergei Lavrov", "RU", True),
        ("So you would answer?", "you", None, None, False),
        ("President Biden told them that he would respond.", "President Biden", "Joe Biden", "US", True),
    ],
)
def test_a_turn_may_pass_on_the_words_of_another(
    resolver: SpeakerResolver,
    actors: ActorFinder,
    sentence: str,
    speaker: str,
    name: str | None,
    side: str | None,
    official: bool,
) -> None:
    """Of somebody in office whom the sentence names; a label's surname is that of the person the text introduces."""
    found = said(resolver, actors, BRIEFING, sentence, speaker=speaker, on=date(2022, 2, 1))
    assert (found.name, found.side, found.official) == (name, side, official)


@pytest.mark.parametrize(
    ("text", "speaker", "name", "side", "official"),
    [
        ("Senator Ann Tessaro met them. Tessaro vowed a reply.", "Tessaro", "Ann Tessaro", None, True),
        (
            "Ann Tessaro, the chairwoman of the panel, left. Tessaro vowed a reply.",
            "Tessaro",
            "Ann Tessaro",
            None,
            True,
        ),
        ("Analyst Ann Tessaro met them. Tessaro vowed a reply.", "Tessaro", "Ann Tessaro", None, False),
        ("The South Korean president met Ann Tessaro. Tessaro vowed a reply.", "Tessaro", "Ann Tessaro", None, False),
        ("Rep. Ann Tessaro warned Iran of a reply.", "Rep. Ann Tessaro", "Ann Tessaro", "US", True),
        (
            "Iran heard from Treasury Secretary Ann Tessaro. Tessaro vowed a reply.",
            "Tessaro",
            "Ann Tessaro",
            "US",
            True,
        ),
        ("In March Tessaro vowed a reply. In May Tessaro did.", "Tessaro", "Tessaro", None, False),
        ("The G7 countries vowed a reply.", "The G7 countries", "G7", "g7", True),
    ],
)
def test_who_is_introduced_elsewhere_has_the_title_given_there(
    resolver: SpeakerResolver,
    actors: ActorFinder,
    text: str,
    speaker: str,
    name: str,
    side: str | None,
    official: bool,
) -> None:
    """A surname takes name and office from its introduction; a month or a country is no name."""
    found = said(resolver, actors, text, text if "Rep." in text else text.rsplit(". ", maxsplit=1)[-1], speaker=speaker)
    assert (found.name, found.side, found.official) == (name, side, official)


REACTIONS = """What they are saying

Rep. Ann Tessaro: “Any attack on our troops will be answered with force.”
Jon Vehr, Minister of Defence of Nepal: “Whoever crosses our border will regret the day.”"""


@pytest.mark.parametrize(
    ("sentence", "name", "side"),
    [("Any attack on our troops", "Ann Tessaro", "US"), ("Whoever crosses our border", "Jon Vehr", "NP")],
)
def test_in_a_list_of_reactions_each_line_is_its_own_speakers(
    resolver: SpeakerResolver, actors: ActorFinder, sentence: str, name: str, side: str
) -> None:
    """The name before the colon says what is quoted after it."""
    found = said(resolver, actors, REACTIONS, sentence)
    assert (found.name, found.side, found.official) == (name, side, True)


def test_an_unnamed_official_of_an_administration_is_american(resolver: SpeakerResolver, actors: ActorFinder) -> None:
    """Whatever country the title of the call names."""
    title = "Background Call on Iran"
    found = said(resolver, actors, "SENIOR ADMINISTRATION OFFICIAL: We will respond.", WE, title=title)
    assert (found.name, found.side) == ("SENIOR ADMINISTRATION OFFICIAL", "US")


def test_the_sign_off_of_an_address_names_the_president(resolver: SpeakerResolver, actors: ActorFinder) -> None:
    """Texts of the president of Ukraine name nobody and end alike."""
    text = f"Good health to all. Russia knows it. {WE}\n\nGlory to Ukraine!"
    found = said(resolver, actors, text, WE, title="Russia will feel it", on=date(2022, 7, 1))
    assert (found.name, found.side, found.official) == ("Volodymyr Zelensky", "UA", True)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Donald Trump spoke of Iran. It vowed a reply.", "Iran"),
        ("Iran heard Donald Trump. He vowed a reply.", "Donald Trump"),
        ("Donald Trump met Hezbollah. They vowed a reply.", "Hezbollah"),
    ],
)
def test_it_and_they_are_no_person(resolver: SpeakerResolver, actors: ActorFinder, text: str, name: str) -> None:
    """A state or a group, marked by the reader or not."""
    sentence = text.split(". ")[1]
    assert said(resolver, actors, text, sentence).name == name


@pytest.mark.parametrize(
    ("second", "name"),
    [
        ("Sergei Lavrov raised it in June: “Why cannot we do the same?”", "Sergei Lavrov"),
        ("“Why cannot we do the same?” That is what Sergei Lavrov was asked about.", "Antony Blinken"),
    ],
)
def test_a_name_that_opens_the_sentence_goes_before_one_further_up(
    resolver: SpeakerResolver, actors: ActorFinder, second: str, name: str
) -> None:
    """Although the reader is less sure of it; elsewhere in the sentence the surer name counts."""
    text, at = f"Antony Blinken spoke of Iran. {second}", len("Antony Blinken spoke of Iran. ") + second.index("Sergei")
    spans = (ScoredSpan(0, len("Antony Blinken"), 0.6), ScoredSpan(at, at + len("Sergei Lavrov"), 0.4))
    read = reading(text, second)
    assert resolver.resolve(replace(read, spans={**read.spans, "speaker": spans}), scene(text, actors)).name == name


def test_who_is_threatened_does_not_speak(resolver: SpeakerResolver, actors: ActorFinder) -> None:
    """A passive verb reports nobody's words."""
    text = "Donald Trump spoke. We will not allow American cities to be threatened."
    assert said(resolver, actors, text, "We will not allow American cities to be threatened.").name == "Donald Trump"


def test_the_dateline_of_a_report_is_no_speaker(resolver: SpeakerResolver, actors: ActorFinder) -> None:
    """Where a report was written says nothing of who speaks in it."""
    text = "JERUSALEM, May 5 (Reuters) - Any attack will be answered."
    assert said(resolver, actors, text, "Any attack will be answered.").official is False


def test_without_a_word_on_it_nobody_speaks(resolver: SpeakerResolver, actors: ActorFinder) -> None:
    """Nothing is guessed from an empty page."""
    assert said(resolver, actors, WE) == Speaker()


def test_a_sentence_costs_no_more_in_a_long_text(resolver: SpeakerResolver, actors: ActorFinder) -> None:
    """Who says it is told without going through the text again: a thousand times the text is no five times the work."""
    opening = "Foreign Minister Tessaro of Nepal warned that it would respond."

    def cost(times: int) -> float:
        text = opening + "\n\nThe village held its fair, as Each Year Before." * times
        told, known = reading(text, opening, speaker="Foreign Minister Tessaro of Nepal"), scene(text, actors)
        assert resolver.resolve(told, known).name == "Tessaro"
        start = time.process_time()
        for _ in range(20):
            resolver.resolve(told, known)
        return time.process_time() - start

    assert min(cost(5_000) for _ in range(2)) < 5 * max(min(cost(5) for _ in range(3)), 0.005)
