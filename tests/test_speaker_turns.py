"""Who holds the floor: labels of turns and what only looks like them, titles of releases, datelines of agencies."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.text.speaker_turns import Turn, floor_of


def holder(text: str, words: str, *, title: str = "") -> Turn | None:
    """Return the turn in which ``words`` are said."""
    return floor_of(text, title=title).at(text.index(words))


@pytest.mark.parametrize(
    ("text", "speaker", "state", "sign"),
    [
        ("THE PRESIDENT: We will answer.", "THE PRESIDENT", None, "capitals"),
        ("MS. PSAKI: We will answer.", "MS. PSAKI", None, "capitals"),
        ("SECRETARY AUSTIN:  We will answer.", "SECRETARY AUSTIN", None, "capitals"),
        ("GENERAL MILLEY (via interpreter): We will answer.", "GENERAL MILLEY", None, "capitals"),
        ("Mr. Churkin (Russian Federation): We will answer.", "Mr. Churkin", "Russian Federation", "name"),
        ("Mr. Wang Yi (China) (spoke in Chinese): We will answer.", "Mr. Wang Yi", "China", "name"),
        ("Secretary Blinken: Hello.\nMr. Kuleba: We will answer.\nSecretary Blinken: Bye.\nMr. Kuleba: Bye.",
         "Mr. Kuleba", None, "name"),
        ("Q We will answer?\n\nMR. PRICE: No.", None, None, "question"),
        ("QUESTION: We will answer?\nMR. PRICE: No.", None, None, "question"),
    ],
)  # fmt: skip
def test_a_label_says_who_speaks_below_it(text: str, speaker: str | None, state: str | None, sign: str) -> None:
    """In capitals, with a state, or one that recurs; a question is nobody's."""
    turn = holder(text, "We will answer")
    assert turn is not None
    assert (turn.speaker, turn.state, turn.sign) == (speaker, state, sign)


@pytest.mark.parametrize(
    "text",
    [
        "Verdict: We will answer.",
        "Photo: We will answer.",
        "Update: the strike.\nBackground: We will answer.",
        "Key points: We will answer.",
        "Putin: We will answer.",
        "At 10:30 We will answer.",
        "He said: We will answer.",
        "The minister wrote (in Russian): We will answer.",
        "Quietly, We will answer.",
        "PUTTING AMERICA FIRST: We will answer.\nA STRONG BORDER: We will.",
        'Putin: "We will answer whoever attacks us."',
        "We will answer.",
        2 * "Modi To Pakistan's Army Chief: 'Any Raid Will Be Answered'\n" + "We will answer, he wrote.",
        2 * "Macron On Mali's New Rulers: 'They Will Pay'\n" + "We will answer, he added.",
        2 * "Erdogan And Assad: A Meeting In Sochi\n" + "We will answer, both said.",
    ],
)
def test_what_looks_like_a_label_and_is_none(text: str) -> None:
    """A headline, a rubric or a colon in a sentence gives nobody the floor."""
    assert holder(text, "We will answer") is None


@pytest.mark.parametrize(
    ("title", "speaker", "state"),
    [
        ("Remarks by Sergey Lavrov at the Security Council", "Sergey Lavrov", None),
        ("Press Statement of Kim Yo Jong", "Kim Yo Jong", None),
        ("Kim Jong Un Makes Policy Speech", None, None),
        ("President Biden Delivers Remarks on Ukraine", "President Biden", None),
        ("UN General Assembly: Turkey", None, "Turkey"),
    ],
)
def test_the_title_says_who_speaks(title: str, speaker: str | None, state: str | None) -> None:
    """Of a release, a speech, or a debate; a headline about a speech is none."""
    turn = holder(f"{title}\n\nWe will answer.", "We will answer", title=title)
    assert (turn.speaker if turn else None, turn.state if turn else None) == (speaker, state)


def test_a_turn_ends_where_the_next_begins() -> None:
    """Every place between two labels belongs to the first; what stands above the first to the title."""
    title = "Remarks by President Biden"
    text = f"{title}\n\nEast Room\n\nTHE PRESIDENT: One.\n\nQ Two?\n\nTHE PRESIDENT: Three."
    floor = floor_of(text, title=title)
    assert [turn.sign for turn in floor.turns] == ["title", "capitals", "question", "capitals"]
    assert all(one.end == other.start for one, other in zip(floor.turns, floor.turns[1:], strict=False))
    assert floor.turns[-1].end == len(text)
    assert floor.at(0) is None


def test_an_agency_in_its_own_voice_holds_the_floor() -> None:
    """After the dateline, the agency."""
    text = "Pyongyang, June 24 (KCNA) -- We will answer."
    turn = holder(text, "We will answer")
    assert turn is not None
    assert (turn.speaker, turn.sign) == ("KCNA", "agency")


PIECES = st.sampled_from(
    [
        "THE PRESIDENT: ",
        "Q ",
        "\n",
        "\n\n",
        "Mr. A (France): ",
        "A B: ",
        ":",
        "(",
        ")",
        "(KCNA) --",
        "Remarks by ",
        "x" * 50,
    ]
)


@given(st.lists(PIECES | st.text(max_size=8), max_size=40).map("".join), st.booleans())
@settings(max_examples=200)
def test_any_text_has_a_floor(text: str, titled: bool) -> None:
    """Turns lie in the text, in order, without overlap."""
    turns = floor_of(text, title=text.partition("\n")[0] if titled else "").turns
    edges = [edge for turn in turns for edge in (turn.start, turn.end)]
    assert edges == sorted(edges)
    assert all(0 <= edge <= len(text) for edge in edges)


@pytest.mark.parametrize("part", ["THE PRESIDENT: We will.\n", "A" * 40 + " ", "Aa " * 5 + "\n", "Mr. (", "Remarks "])
def test_time_is_linear(part: str) -> None:
    """Sixteen times the text takes at most some forty times as long, also of endless look-alikes."""

    def cost(times: int) -> float:
        start = time.process_time()
        floor_of(part * times)
        return time.process_time() - start

    cost(100)
    assert min(cost(16_000) for _ in range(2)) < 40 * max(min(cost(1_000) for _ in range(3)), 0.005)
