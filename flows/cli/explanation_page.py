"""``brinkwatch explain --html``: a page one would send to an editor, self-contained and without scripts.

Everything from the articles is escaped. Marks differ by their underline as well as by colour, for print and for eyes
that see few colours; every pair of text and ground has a contrast of at least 4.5 (WCAG 2.2, AA).
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from alerts.wording.render import moment, safe_link
from extractors.records import Article
from flows.cli.explanation import Explanation, Mark, Row, sections
from flows.cli.output import without_commands

KINDS: Mapping[str, tuple[str, str, str, str]] = {
    "statement": ("red line or threat", "#ffd7d9", "#5c1f26", "solid"),
    "commentary": ("talk about either", "#e8e8e8", "#3a3d42", "dotted"),
    "transfer": ("transfer of a weapon", "#fff2b3", "#4a3f10", "dashed"),
    "weapon": ("weapon system", "#c9e8fb", "#143d57", "double"),
    "class": ("class of weapons", "#e6f4fd", "#1d3442", "dotted"),
}
"""Of each kind of mark what it is called, its ground in light and in dark, and its underline."""
LONGEST_TITLE = 120
"""Characters of a first line that may be a title."""
LIGHT = {"ink": "#1b1b1b", "faint": "#595959", "ground": "#ffffff", "rule": "#d0d0d0", "link": "#0b57a4"}
DARK = {"ink": "#ececec", "faint": "#b0b0b0", "ground": "#15171a", "rule": "#3c4046", "link": "#8cc4ff"}

CSS = """
:root {{ color-scheme: light dark; {light} }}
@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}
body {{ font: 17px/1.6 Georgia, "Times New Roman", serif; color: var(--ink); background: var(--ground);
  max-width: 44rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; overflow-wrap: anywhere }}
h1 {{ font-size: 1.55rem; line-height: 1.25; margin: 1rem 0 .5rem }}
h2, summary {{ font: bold 1rem/1.4 system-ui, sans-serif; margin: 1.5rem 0 .4rem }}
.source, .legend, dl, footer {{ font: .85rem/1.5 system-ui, sans-serif; color: var(--faint) }}
.legend {{ border-block: 1px solid var(--rule); padding: .5rem 0; margin: 1rem 0; display: flex; flex-wrap: wrap; gap: .4rem 1rem }}
a {{ color: var(--link) }}
mark {{ color: var(--ink); padding: 0 .1em; text-decoration: underline; text-underline-offset: .2em; text-decoration-thickness: 1px }}
dl {{ margin: 0 }} dt {{ font-weight: bold; color: var(--ink); border-top: 1px solid var(--rule); padding-top: .5rem; margin-top: .5rem }}
dd {{ margin: 0; white-space: pre-wrap }} dd.rule {{ font-family: ui-monospace, monospace; font-size: .78rem }}
article + article {{ margin-top: 4rem; border-top: 3px double var(--rule) }}
{kinds}
@media print {{ body {{ max-width: none; font-size: 11pt; color: #000; background: #fff }} mark {{ print-color-adjust: exact }}
  h1, h2, dt {{ break-after: avoid }} dd, p {{ orphans: 3; widows: 3 }} article {{ break-before: page }} article:first-of-type {{ break-before: auto }} }}
"""  # noqa: E501 - one rule a line

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{css}</style>
</head>
<body>
{body}
<footer>Made by Brinkwatch: what was found, by which rule, and what was refused.</footer>
</body>
</html>
"""


def as_html(explanations: Sequence[Explanation]) -> str:
    """Return the page about one or more articles."""
    title = _title(explanations[0].article) if explanations else "Nothing to explain"
    page = PAGE.format(title=html.escape(title), css=_css(), body="\n".join(map(_article, explanations)))
    return without_commands(page)


def _css() -> str:
    light = LIGHT | {kind: ground for kind, (_, ground, _, _) in KINDS.items()}
    dark = DARK | {kind: ground for kind, (_, _, ground, _) in KINDS.items()}
    kinds = (
        f".{kind} {{ background: var(--{kind}); text-decoration-style: {line} }}" for kind, (*_, line) in KINDS.items()
    )
    return CSS.format(light=_variables(light), dark=_variables(dark), kinds=" ".join(kinds))


def _variables(colours: Mapping[str, str]) -> str:
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())


def _title(article: Article) -> str:
    (start, end), *_ = _paragraphs(article)
    first = article.document[start:end] or article.text.strip().split("\n")[0]
    return first if len(first) <= LONGEST_TITLE else f"{first[: LONGEST_TITLE - 1].rsplit(' ', 1)[0]}…"


def _article(explanation: Explanation) -> str:
    """Return what the page says about one article."""
    article, document = explanation.article, explanation.article.document
    title, *paragraphs = _paragraphs(article)
    heading = highlighted(document, explanation.marks, *title) or html.escape(_title(article))
    parts = [
        f"<h1>{heading}</h1>",
        _source(article),
        _legend(explanation.marks),
        *(f"<p>{highlighted(document, explanation.marks, *span)}</p>" for span in paragraphs),
        _rows("Found", explanation.found),
        *(_rows(name, rows, folded=name != "Alerts") for name, rows in sections(explanation)),
    ]
    return "<article>\n" + "\n".join(filter(None, parts)) + "\n</article>"


def _paragraphs(article: Article) -> list[tuple[int, int]]:
    """Return the span of the title, or of a first line that is as short as one, and of each paragraph below it.

    The first is empty where the text begins with a long line.
    """
    spans = [found.span() for found in re.finditer(r"[^\n]*\S[^\n]*", article.document)]
    begins_with_title = bool(article.title or (spans and spans[0][1] - spans[0][0] <= LONGEST_TITLE))
    return spans if begins_with_title else [(0, 0), *spans]


def _source(article: Article) -> str:
    """Return where the article is from: outlet, its owner, the date, the sort of text and a link."""
    owner = f"{article.ownership} media" if article.ownership else None
    said = (article.source or "outlet unknown", owner, f"published {moment(article.published)}", article.genre)
    link = safe_link(article.url)
    read = f' · <a href="{html.escape(link)}">read the article</a>' if link else ""
    return f'<p class="source">{html.escape(" · ".join(filter(None, said)))}{read}</p>'


def _legend(marks: Sequence[Mark]) -> str:
    """Return what the marks of this article mean."""
    used = [kind for kind in KINDS if any(mark.kind == kind for mark in marks)]
    entries = "".join(f'<span><mark class="{kind}">{KINDS[kind][0]}</mark></span>' for kind in used)
    return f'<div class="legend">{entries}</div>' if used else ""


def highlighted(document: str, spans: Sequence[Mark], start: int, end: int) -> str:
    """Return escaped ``document[start:end]`` in pieces, each marked with the narrowest kind that covers it."""
    edges = sorted({start, end, *(edge for span in spans for edge in (span.start, span.end) if start < edge < end)})
    return "".join(_piece(document, spans, low, high) for low, high in pairwise(edges))


def _piece(document: str, spans: Sequence[Mark], low: int, high: int) -> str:
    piece = html.escape(document[low:high])
    over = [span.kind for span in spans if span.start <= low and high <= span.end]
    return f'<mark class="{over[-1]}" title="{KINDS[over[-1]][0]}">{piece}</mark>' if over else piece


def _rows(title: str, rows: Sequence[Row], *, folded: bool = False) -> str:
    """Return rows as a list, or nothing where there are none; what few ask for is folded away."""
    if not rows:
        return ""
    body = f"<dl>{''.join(part for row in rows for part in _row(row))}</dl>"
    return f"<details><summary>{title} ({len(rows)})</summary>{body}</details>" if folded else f"<h2>{title}</h2>{body}"


def _row(row: Row) -> Iterator[str]:
    yield f"<dt>{html.escape(row.what)}</dt><dd>{html.escape(row.detail)}</dd>"
    if row.rule:
        yield f'<dd class="rule">{html.escape(row.rule)}</dd>'
