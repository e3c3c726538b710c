"""Opinion, explainers, anniversaries, live blogs, transcripts and releases are told from news."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.sources import genre

CASES = [
    ({"title": "Russia strikes Kyiv with 30 missiles"}, "news"),
    ({"title": "Opinion: Send the Tomahawks"}, "opinion"),
    ({"title": "Send the Tomahawks | Opinion"}, "opinion"),
    ({"title": "Why Ukraine needs Taurus", "url": "https://example.com/opinion/2025/10/taurus"}, "opinion"),
    ({"title": "On Taurus", "url": "https://www.theguardian.com/commentisfree/2025/oct/1/taurus"}, "opinion"),
    ({"title": "On Taurus", "categories": ["Op-Ed"]}, "opinion"),
    ({"title": "On Taurus", "text": "Words.\n\nThe writer is a former ambassador."}, "opinion"),
    ({"title": "'The key is in Bonn'", "text": "Sending tanks is a choice, writes columnist Ada Mirow."}, "opinion"),
    ({"title": "The key", "text": "Tanks will not do, argues the essayist Ada Mirow."}, "opinion"),
    ({"title": "The key", "text": "It is late, our columnist Ada Mirow writes."}, "opinion"),
    ({"title": "Columnist held", "text": "Police arrested the columnist Ada Mirow, who writes for a daily."}, "news"),
    ({"title": "Tanks", "text": "The minister, a former columnist, argues that tanks are late."}, "news"),
    ({"title": "Tanks", "text": "He writes columns."}, "news"),
    ({"title": "Public opinion shifts on Taurus", "url": "https://example.com/world/public-opinion-shifts"}, "news"),
    ({"title": "Explainer: what is Oreshnik?"}, "explainer"),
    ({"title": "What is the Oreshnik missile"}, "explainer"),
    ({"title": "Taurus missiles: what we know"}, "explainer"),
    ({"title": "Who said what", "url": "https://example.com/explainers/oreshnik"}, "explainer"),
    ({"title": "Ukraine war live: Russia strikes Kyiv"}, "live_blog"),
    ({"title": "Russia strikes Kyiv – as it happened"}, "live_blog"),
    ({"title": "Strikes", "url": "https://example.com/world/live/2025/oct/17/strikes"}, "live_blog"),
    ({"title": "Live-fire drills begin near Taiwan"}, "news"),
    ({"title": "Residents live in fear of strikes"}, "news"),
    ({"title": "Transcript: Zelenskyy on Face the Nation"}, "transcript"),
    ({"title": "Briefing by Foreign Ministry Spokeswoman Maria Zakharova, Moscow"}, "transcript"),
    ({"title": "Remarks by President Trump at the United Nations"}, "transcript"),
    ({"title": "Foreign Minister's remarks and answers to media questions"}, "transcript"),
    ({"title": "Ukraine marks third anniversary of invasion"}, "anniversary"),
    ({"title": "Cuban missile crisis, 60 years on"}, "anniversary"),
    ({"title": "On this day: the Cuban missile crisis"}, "anniversary"),
    ({"title": "Joint statement of the Ramstein group"}, "release"),
    ({"title": "Aid", "url": "https://www.gov.example/press-releases/aid"}, "release"),
    ({"title": "Aid", "text": "FOR IMMEDIATE RELEASE\nThe ministry …"}, "release"),
    ({"title": "Whatever", "feed": "opinion"}, "opinion"),
    ({"title": "Minister meets ambassador", "feed": "release"}, "release"),
    ({"title": "Transcript of the briefing", "feed": "release"}, "transcript"),
]


@pytest.mark.parametrize(("given_", "expected"), CASES)
def test_genres_are_told_apart(given_: dict[str, object], expected: str) -> None:
    """By what the feed, title, address, categories and text say of themselves."""
    assert genre.detect(**given_) == expected  # type: ignore[arg-type]


@given(st.text(max_size=200), st.text(max_size=200), st.none() | st.text(max_size=60))
def test_any_text_has_a_genre(title: str, text: str, url: str | None) -> None:
    """Hostile input is one of the seven."""
    known = {"news", "opinion", "explainer", "anniversary", "live_blog", "transcript", "release"}
    assert genre.detect(title=title, text=text, url=url) in known


@given(st.text(alphabet="abqr: .\n", max_size=30), st.sampled_from(sorted(genre.HINTS)), st.integers(0, 4))
def test_every_form_of_a_text_holds_a_hint(around: str, kind: str, number: int) -> None:
    """What is looked for first is part of every form, so that looking for it loses none."""
    examples = {
        "release": [
            "For immediate release",
            "EMBARGOED UNTIL noon",
            "Press release no. 1",
            "News release of the office",
        ],
        "opinion": [
            "the views expressed here are",
            "The writer is a",
            "the author is an",
            "is a columnist for",
            "this is an opinion piece",
        ],
        "transcript": ["Question: who?\nAnswer: we.", "Q: who?\nA: we."],
    }[kind]
    text = f"{around}\n{examples[number % len(examples)]}"
    longhand = next((name for name, pattern in genre._TEXTS if pattern.search(text)), None)
    assert genre.detect(text=text) == (longhand or "news")


@given(st.data(), st.sampled_from([form for forms in genre.TITLES.values() for form in forms]))
def test_every_form_of_a_title_holds_a_hint(data: st.DataObject, form: str) -> None:
    """A headline without any of the hints fits no form."""
    title = data.draw(st.from_regex(re.compile(form, re.IGNORECASE), alphabet=st.characters(codec="ascii")))
    assert any(hint in title.lower() for hint in genre.TITLE_HINTS)
