"""The page of ``brinkwatch explain --html``: one for an editor, on paper, on a phone and in the dark."""

import html
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from extractors.records import Alert, AlertKind, Article
from flows.cli.explain import find_articles
from flows.cli.explanation import Explanation, Mark, Row
from flows.cli.explanation_page import DARK, KINDS, LIGHT, as_html, highlighted
from flows.settings import Settings

TEXT = "Moscow <warned> of war.\nA second paragraph names Taurus.\n\n" + "word " * 60
ARTICLE = Article(
    id="a", title="A & B", text=TEXT, source="Rhine Dispatch", ownership="private",
    published=datetime(2026, 3, 4, tzinfo=UTC), url="https://example.org/a?b=1&c=2",
)  # fmt: skip
TAURUS = ARTICLE.document.index("Taurus")


def explained(article: Article = ARTICLE, **fields: object) -> Explanation:
    """An explanation with two marks and a row of every sort."""
    row = Row(what="weapon: Taurus", detail="“Taurus” <b>", rule="taurus")
    marks = (Mark(kind="statement", start=7, end=30), Mark(kind="weapon", start=TAURUS, end=TAURUS + 6))
    known = {
        "marks": marks,
        "found": (row,),
        "refused": (row,),
        "judged": (row,),
        "moved": (row,),
        "alerts": (),
        "unread": 0,
    }
    return Explanation(article=article, **known | fields)  # type: ignore[arg-type]


class Elements(HTMLParser):
    """Every tag in order, with its attributes; an element that is closed twice or never is wrong."""

    VOID = frozenset({"meta", "!doctype"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, as WCAG 2.2 defines it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_the_page_says_what_it_is_about() -> None:
    """Headline, outlet and its owner, date, link, paragraphs, a legend of the marks that occur, and no script."""
    page = as_html([explained()])
    tags = Elements(page)
    assert tags.open == []
    assert "<title>A &amp; B</title>" in page
    assert "<h1>A &amp; B</h1>" in page
    assert "Rhine Dispatch · private media · published 4 Mar 2026 · news" in page
    assert [attrs["href"] for tag, attrs in tags.tags if tag == "a"] == ["https://example.org/a?b=1&c=2"]
    assert sum(tag == "p" for tag, _ in tags.tags) == 4
    legend = page.split('class="legend"')[1].split("</div>")[0]
    assert re.findall(r'class="(\w+)"', legend) == ["statement", "weapon"]
    assert "script" not in {tag for tag, _ in tags.tags}


def test_nothing_from_an_article_is_markup() -> None:
    """Text, titles, rules; and a link that is none leads nowhere."""
    page = as_html([explained(Article(id="a", title="<script>x</script>", text=TEXT, url="javascript:alert(1)"))])
    assert "<script>" not in page
    assert "javascript:" not in page
    assert "“Taurus” &lt;b&gt;" in page
    assert "published unknown" in page


def test_alerts_are_open_and_what_few_ask_for_is_folded() -> None:
    """What was sent comes with the signals; probabilities and refusals are a click away."""
    alert = Alert(
        id="x", kind=AlertKind.NEW_WEAPON, claim="c", article="a", story="s", headline="New weapon: Taurus",
        why="First", sentence="", severity=3, seen=datetime(2026, 3, 4, tzinfo=UTC),
    )  # fmt: skip
    page = as_html([explained(alerts=(alert,))])
    assert re.findall(r"<summary>([\w ]+) \(", page) == [
        "Rejected",
        "Read for statements",
        "Read for transfers",
    ]
    assert "<h2>Alerts</h2>" in page


@pytest.mark.parametrize("ground", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast_is_at_least_that_of_wcag_aa(ground: dict[str, str]) -> None:
    """Of text on the page, faint text, links, and text on every mark."""
    marks = [light if ground is LIGHT else dark for _, light, dark, _ in KINDS.values()]
    pairs = [(ground[name], ground["ground"]) for name in ("ink", "faint", "link")]
    pairs += [(ground["ink"], mark) for mark in marks]
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []


def test_kinds_differ_without_colour() -> None:
    """Among those that can lie on each other no two have one underline."""
    wide = [line for kind, (*_, line) in KINDS.items() if kind in {"statement", "commentary", "transfer"}]
    narrow = [line for kind, (*_, line) in KINDS.items() if kind in {"weapon", "class"}]
    assert len(set(wide)) == len(wide)
    assert len(set(narrow)) == len(narrow)


def test_a_mark_within_a_mark_is_the_narrow_one() -> None:
    """And no character is lost or doubled."""
    spans = (Mark(kind="statement", start=0, end=10), Mark(kind="weapon", start=4, end=6))
    page = highlighted("0123456789", spans, 2, 10)
    assert re.findall(r'class="(\w+)"', page) == ["statement", "weapon", "statement"]
    assert re.sub(r"<.*?>", "", page) == "23456789"


def test_a_seed_comes_with_what_its_sidecar_says(seeds: Path, tmp_path: Path) -> None:
    """Outlet, owner and date; its first line is its headline, once."""
    settings = Settings(warehouse=tmp_path / "none.duckdb", seeds=seeds)
    (article,) = find_articles(settings, str(seeds / "articles" / "000_473c74cae7b20ff2.txt"))
    page = as_html([explained(article, marks=())])
    assert "TASS · state media · published 17 Oct 2025" in page
    title = "Tomahawks’ supplies to be culmination of failed US policy on Ukraine — expert"
    assert page.count(html.escape(title)) == 2


@pytest.mark.slow
@pytest.mark.skipif(not (CHROMIUM := shutil.which("chromium")), reason="no browser is installed")
@pytest.mark.parametrize("width", [390, 1200])
def test_no_width_makes_the_page_scroll_sideways(width: int, tmp_path: Path) -> None:
    """In a real browser: a phone of 390 px as well as a screen, with words longer than the line."""
    page = as_html([explained(Article(id="a", title="T" * 200, text="x" * 2_000 + f" {TEXT}"), marks=())])
    measure = "parent.document.title = document.documentElement.scrollWidth"
    shown = page.replace("default-src 'none';", "").replace("</body>", f"<script>{measure}</script></body>")
    frame = (
        f'<title>0</title><iframe width="{width}" height="900" style="border:0" srcdoc="{html.escape(shown)}"></iframe>'
    )
    (tmp_path / "frame.html").write_text(frame, encoding="utf-8")
    browser = [str(CHROMIUM), "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile"]
    done = subprocess.run(
        [*browser, "--virtual-time-budget=2000", "--dump-dom", f"file://{tmp_path}/frame.html"],
        capture_output=True, text=True, check=True, env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    measured = re.search(r"<title>(\d+)</title>", done.stdout)
    assert measured
    assert 0 < int(measured[1]) <= width


def test_no_text_turns_the_page_round() -> None:
    """Marks of direction and control characters are left out, and halves of characters, which no file can hold."""
    hostile = "Kyiv \u202egnp.exe\u2066 \x1b[2J\x00 \ud800 asks"
    article = replace(ARTICLE, title=hostile, text=hostile, source=hostile)
    page = as_html([explained(article, marks=())])
    assert not set("\u202e\u2066\x1b\x00\ud800") & set(page)
    assert page.count("Kyiv gnp.exe [2J  asks") == 4
    page.encode()
