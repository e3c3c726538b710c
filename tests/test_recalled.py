"""Which statements a sentence only recalls: said before, and told to explain other news."""

from datetime import UTC, datetime

import pytest

from extractors.text.recalled import is_recalled

PUBLISHED = datetime(2024, 9, 20, 8, tzinfo=UTC)
HARM = "close the strait"

RECALLED = (
    "The tankers sailed despite warnings from Iran that it could close the strait.",
    "In spite of Iranian threats to close the strait, oil fell.",
    "The convoy left, undeterred by threats of the Guards to close the strait.",
    "Regardless of repeated warnings that Iran would close the strait, ports stay open.",
    "Despite a vow of Tehran to close the strait, the fleet went on.",
    "The step comes after Iran threatened to close the strait.",
    "The vote came after the Guards openly vowed to close the strait.",
    "Their visit comes after Tehran warned it would close the strait.",
    "While Iran has threatened to close the strait, Oman calls for talks.",
    "Oman calls for talks while the Guards have vowed to close the strait.",
    "The tankers sailed on, although Tehran had threatened to close the strait.",
    "Tehran has repeatedly warned that it would close the strait.",
    "Tehran has often threatened to close the strait, through which most of the oil goes.",
    "The navy of Iran, which has threatened to close the strait, held a parade.",
    "The general, who warned that he would close the strait, was dismissed.",
    "Oil fell days after Iran threatened to close the strait.",
    "The talks come weeks after the Guards had vowed they would close the strait.",
    "Insurers raised their rates a month after Tehran warned it could close the strait.",
    "Iran previously threatened to close the strait.",
    "Iran, which earlier warned that it would close the strait, sent a delegation.",
    "Last year Iran said it would close the strait.",
    "The tanker went out in spite of the threatened blockade: Iran may close the strait.",
    "The drills are a first taste of Iran’s promised response, and it may close the strait.",
    "Macron called it blackmail after they threatened to close the strait.",
    "Japan condemned Iran after it had vowed to close the strait.",
    "In June the president said that Iran would close the strait.",
    "Speaking in Qom back in March, he vowed to close the strait.",
    "During July the Guards let it be known that they would close the strait.",
)
NEWS = (
    "Tehran has threatened to close the strait.",
    "Iran warned on Thursday that it would close the strait.",
    "Iran said it had warned Washington that it would close the strait.",
    "The minister told reporters that Iran had vowed to close the strait.",
    "Iran will close the strait, its minister said after talks.",
    "Oil fell after Iran threatened to close the strait.",
    "After it lost a tanker Iran threatened to close the strait.",
    "Iran threatened to close the strait days after a tanker was seized.",
    "Iran vowed to close the strait, which carries most of the oil.",
    "The general, who leads the navy, warned that he would close the strait.",
    "Iran threatened to close the strait in June.",
    "Iran warned that any strike in December would make it close the strait.",
    "In September the president said that Iran would close the strait.",
    "In late August, days before the vote, he said Iran would close the strait.",
    "Asked on Monday about the exercise in June, he said Iran would close the strait.",
    "Iran promises action and is ready to close the strait.",
    "Iran threatens again to close the strait.",
    "Iran reiterated that it would close the strait.",
    "Iran threatened to close the strait despite warnings from Oman.",
    "Despite the talks, Iran warned that it would close the strait.",
    "Iran vowed to close the strait regardless of threats from abroad.",
    "While it talked to Oman, Iran threatened to close the strait.",
    "Iran threatens to close the strait while talks go on.",
    "Iran said it would close the strait if an attack comes after the vote.",
    "The minister came after noon and warned that Iran would close the strait.",
    "In spite of the truce, the Guards vow to close the strait.",
    "Whatever comes after, Iran will close the strait, it warned.",
    "Undeterred by sanctions, Tehran threatened to close the strait.",
)


@pytest.mark.parametrize(
    ("sentence", "recalled"), [*((each, True) for each in RECALLED), *((each, False) for each in NEWS)]
)
def test_what_was_said_before_is_told_in_passing(sentence: str, recalled: bool) -> None:
    """By the past perfect, an adverb, a relative clause, one of time, an earlier month; none of them is the news."""
    assert is_recalled(sentence, harm=HARM, published=PUBLISHED) is recalled


def test_without_words_of_harm_only_what_holds_for_the_whole_sentence_counts() -> None:
    """Whether a relative clause holds the statement is then unknown."""
    assert not is_recalled("The navy, which has threatened Oman, held a parade.", published=PUBLISHED)
    assert is_recalled("The navy had threatened Oman.", published=PUBLISHED)


def test_without_a_date_of_the_article_a_month_tells_nothing() -> None:
    """It may be the present one."""
    assert not is_recalled(RECALLED[-1], harm=HARM)
