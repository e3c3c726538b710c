"""What ``brinkwatch explain`` shows: an article, its signals with their rules, what was refused; as text or page."""

import html
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from extractors.attribution import Utterance
from extractors.pipeline import Extractor
from extractors.records import Alert, Article, Kind, Statement, Transfer, WeaponMention
from extractors.statements import Candidate

STYLES = {
    "weapon": ("bold cyan", "#b3e5fc"),
    "class": ("cyan", "#e1f5fe"),
    "statement": ("bold red", "#ffcdd2"),
    "commentary": ("dim", "#eeeeee"),
    "transfer": ("yellow", "#fff9c4"),
}
"""Terminal style and page colour of each kind of mark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A highlighted span; of marks that overlap the later one in ``STYLES`` lies below."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line below the text: what was found or refused, and by which rule."""

    what: str
    detail: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """An article with everything a reader may ask about it."""

    article: Article
    marks: tuple[Mark, ...]
    found: tuple[Row, ...]
    refused: tuple[Row, ...]
    judged: tuple[Row, ...]
    """Every sentence that might be a statement, and how it went."""
    said: tuple[Row, ...]
    """Who says what in those sentences, as far as the text tells."""
    alerts: tuple[Alert, ...]

    @classmethod
    def of(cls, extractor: Extractor, article: Article, *, alerts: Sequence[Alert] = ()) -> "Explanation":
        """Read ``article`` and keep every step."""
        reading = extractor.read(article)
        document = article.document
        judged = extractor.statements.explain(
            reading.doc, utterances=reading.utterances, actors=reading.actors, weapons=reading.weapons
        )
        return cls(
            article=article,
            marks=tuple(marks(reading.weapons, reading.statements, reading.transfers)),
            found=(
                *map(statement_row, reading.statements),
                *(transfer_row(transfer, document) for transfer in reading.transfers),
                *counted(map(weapon_row, reading.weapons)),
            ),
            refused=counted(
                Row(what=f"no weapon: {candidate.text}", detail=candidate.reason, rule=candidate.rule)
                for candidate in extractor.weapons.explain(reading.doc)
                if not candidate.taken
            ),
            judged=tuple(candidate_row(candidate, reading.statements, document) for candidate in judged),
            said=tuple(utterance_row(each, document) for each in reading.utterances if touched(each, judged)),
            alerts=tuple(alerts),
        )


def marks(
    weapons: Iterable[WeaponMention], statements: Iterable[Statement], transfers: Iterable[Transfer]
) -> Iterable[Mark]:
    """Yield the highlighted spans, widest kinds first."""
    for transfer in transfers:
        yield Mark(kind="transfer", start=transfer.start, end=transfer.end)
    for statement in statements:
        kind = "commentary" if statement.kind is Kind.COMMENTARY else "statement"
        yield Mark(kind=kind, start=statement.start, end=statement.end)
    for weapon in weapons:
        yield Mark(kind="weapon" if weapon.specific else "class", start=weapon.start, end=weapon.end)


def counted(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return each row once, with how often it occurs."""
    return tuple(
        row if times == 1 else replace(row, what=f"{row.what} (×{times})") for row, times in Counter(rows).items()
    )


def weapon_row(weapon: WeaponMention) -> Row:
    """Say which system a mention stands for."""
    sort = "weapon" if weapon.specific else "class of weapons"
    unlisted = ", in no list" if weapon.specific and not weapon.known else ""
    return Row(what=f"{sort}: {weapon.name}", detail=f"“{weapon.text}” ({weapon.category}{unlisted})", rule=weapon.rule)


def statement_row(statement: Statement) -> Row:
    """Say who said what, and how sure that is."""
    parts = [
        statement.quote,
        f"condition: {statement.condition}" if statement.condition else "",
        f"consequence: {statement.consequence}" if statement.consequence else "",
        f"severity {statement.severity}" + (f" ({'; '.join(statement.reasons)})" if statement.reasons else ""),
        f"rung: {statement.rung}" if statement.rung else "",
        f"confidence {statement.confidence:.2f}",
    ]
    who = statement.speaker or "unknown speaker"
    kind = statement.kind.replace("_", " ")
    return Row(what=f"{kind}: {who}", detail="\n".join(filter(None, parts)), rule=statement.rule)


def candidate_row(candidate: Candidate, statements: Iterable[Statement], document: str) -> Row:
    """Say what a sentence was judged to be, on which cues and with which score, and why it was refused if it was."""
    within = [s for s in statements if s.start < candidate.end and candidate.start < s.end]
    kind, rule = next(((str(s.kind), s.rule) for s in within), ("a repeat" if candidate.taken else "no statement", ""))
    loudest = "; ".join(f"{name} {weight:+.1f}" for name, weight in candidate.why)
    parts = [
        document[candidate.start : candidate.end],
        f"cues: {', '.join(candidate.cues)}",
        f"probability {candidate.probability:.2f}, {'enough' if candidate.taken else 'too little'}",
        f"spoke for (+) and against (-): {loudest}" if loudest else "",
    ]
    return Row(what=kind.replace("_", " "), detail="\n".join(filter(None, parts)), rule=rule or candidate.reason)


def touched(utterance: Utterance, judged: Iterable[Candidate]) -> bool:
    """Say whether an utterance shares a code point with a sentence that was judged."""
    return any(utterance.start < candidate.end and candidate.start < utterance.end for candidate in judged)


def utterance_row(utterance: Utterance, document: str) -> Row:
    """Say who is taken to say what, by which words, and whether for a side."""
    office = f"for {utterance.side or 'a side'}" if utterance.official else "for no side"
    content = " … ".join(document[start:end] for start, end in utterance.content)
    by = f" “{utterance.cue}”" if utterance.cue else ""
    return Row(
        what=f"{utterance.speaker or 'unknown speaker'} ({office})",
        detail=f"{utterance.speech}{by}: {content}",
        rule=utterance.rule,
    )


def transfer_row(transfer: Transfer, document: str) -> Row:
    """Say at which stage a weapon stands between whom."""
    way = f"{transfer.supplier or '?'} → {transfer.recipient or '?'}"
    return Row(
        what=f"{transfer.stage.replace('_', ' ')}: {transfer.weapon}",
        detail=f"{way}: “{document[transfer.start : transfer.end]}”",
        rule=transfer.rule,
    )


def show(explanation: Explanation, console: Console) -> None:
    """Print the article with its marks, then the tables."""
    article = explanation.article
    text = Text(article.document)
    for mark in explanation.marks:
        text.stylize(STYLES[mark.kind][0], mark.start, mark.end)
    parts: list[RenderableType] = [text, Padding(table("Found", explanation.found), (1, 0, 0, 0))]
    parts += [Padding(table(title, rows), (1, 0, 0, 0)) for title, rows in sections(explanation) if rows]
    heading = " · ".join(filter(None, [article.id, article.source, article.genre]))
    console.print(Panel(Group(*parts), title=Text(heading), title_align="left", border_style="dim"))


def sections(explanation: Explanation) -> tuple[tuple[str, Sequence[Row]], ...]:
    """Return what is told below the signals: title and rows."""
    return (
        ("Refused", explanation.refused),
        ("Judged for statements", explanation.judged),
        ("Who says what", explanation.said),
        ("Alerts", [alert_row(alert) for alert in explanation.alerts]),
    )


def alert_row(alert: Alert) -> Row:
    """Say whether a claim was alerted, and why or why not."""
    fate = f"not sent: {alert.suppressed}" if alert.suppressed else "sent or waiting"
    return Row(what=alert.headline, detail=f"{alert.why} ({fate})", rule=alert.id)


def table(title: str, rows: Iterable[Row]) -> Table:
    """Return the rows as a table; nothing in them is read as markup."""
    made = Table("what", "detail", "rule", title=title, title_justify="left", expand=True, show_edge=False)
    for row in rows:
        made.add_row(Text(row.what), Text(row.detail), Text(row.rule, style="dim"))
    return made


# --- the page ---------------------------------------------------------------------------------------------------------

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>
body {{ font: 16px/1.55 Georgia, serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #222 }}
.text {{ white-space: pre-wrap }} table {{ border-collapse: collapse; width: 100%; font: 13px/1.4 sans-serif }}
td, th {{ border-top: 1px solid #ddd; padding: .4rem; text-align: left; vertical-align: top; white-space: pre-wrap }}
h1 {{ font-size: 1.2rem }} h2 {{ font: bold 14px sans-serif }} mark {{ color: inherit }} {styles}
</style>
{body}
</html>
"""


def as_html(explanations: Sequence[Explanation]) -> str:
    """Return one self-contained page; everything from the articles is escaped."""
    styles = " ".join(f".{kind} {{ background: {colour} }}" for kind, (_, colour) in STYLES.items())
    title = explanations[0].article.title or explanations[0].article.id if explanations else "nothing"
    return PAGE.format(title=html.escape(title), styles=styles, body="\n".join(map(section, explanations)))


def section(explanation: Explanation) -> str:
    """Return the part of the page about one article."""
    article = explanation.article
    parts = [
        f"<h1>{html.escape(article.title or article.id)}</h1>",
        f'<div class="text">{highlighted(article.document, explanation.marks)}</div>',
        html_table("Found", explanation.found),
        *(html_table(title, rows) for title, rows in sections(explanation)),
    ]
    return "\n".join(filter(None, parts))


def highlighted(document: str, spans: Sequence[Mark]) -> str:
    """Return the escaped text in pieces, each marked with the narrowest kind that covers it."""
    edges = sorted({0, len(document), *(edge for span in spans for edge in (span.start, span.end))})
    pieces = []
    for start, end in pairwise(edges):
        piece = html.escape(document[start:end])
        over = [span.kind for span in spans if span.start <= start and end <= span.end]
        pieces.append(f'<mark class="{over[-1]}">{piece}</mark>' if over else piece)
    return "".join(pieces)


def html_table(title: str, rows: Sequence[Row]) -> str:
    """Return the rows as a table, or nothing where there are none."""
    if not rows:
        return ""
    cells = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in (row.what, row.detail, row.rule))}</tr>"
        for row in rows
    )
    return f"<h2>{title}</h2><table><tr><th>what<th>detail<th>rule</tr>{cells}</table>"
