"""What ``brinkwatch explain`` shows: an article, its signals with their rules, and what was refused."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from extractors.components import scene_of
from extractors.counts import plural
from extractors.pipeline import Extractor
from extractors.reader.decoding import ScoredSpan, SentenceReading, WeaponReading
from extractors.reader.reader import MOST_READ
from extractors.records import Alert, Article, Kind, Stage, Statement, Transfer, WeaponMention
from extractors.statements.attribution import Speaker
from extractors.statements.finder import Judged
from extractors.transfers.class_nouns import narrowed
from flows.cli.output import Console
from flows.phrases import stage_name

STYLES = {
    "weapon": "bold cyan",
    "class": "cyan",
    "statement": "bold red",
    "commentary": "dim",
    "transfer": "yellow",
}
"""Terminal style of each kind of mark."""
LEAST = 0.05
"""Probability from which a stage is worth showing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A highlighted span; where marks overlap, the one that comes later in ``STYLES`` lies below."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line below the text: what was found or rejected, and by which rule."""

    what: str
    detail: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """An article with everything that was found in it and decided about it."""

    article: Article
    marks: tuple[Mark, ...]
    found: tuple[Row, ...]
    refused: tuple[Row, ...]
    judged: tuple[Row, ...]
    """Every sentence that passed the prefilter: what the reader made of it, and what became of it."""
    moved: tuple[Row, ...]
    """The same for every weapon that was read for transfers."""
    unread: tuple[Row, ...]
    """How many sentences were left out of an article with too many of them."""
    alerts: tuple[Alert, ...]

    @classmethod
    def of(cls, extractor: Extractor, article: Article, *, alerts: Sequence[Alert] = ()) -> "Explanation":
        """Read ``article`` and keep every step."""
        doc = extractor.read(article)
        found, document = doc._, article.document
        judged = extractor.statements.judge(article, scene_of(doc), found.readings)
        narrow = narrowed(document, found.weapons, extractor.weapons.lexicon.categories)
        named = {(mention.start, mention.end): mention for mention in (*found.possible_weapons, *narrow)}
        told = {(mention.start, mention.end) for mention in found.weapons}
        return cls(
            article=article,
            marks=tuple(marks(found.weapons, found.statements, found.transfers)),
            found=(
                *map(statement_row, found.statements),
                *(transfer_row(transfer, document) for transfer in found.transfers),
                *counted(map(weapon_row, found.weapons)),
            ),
            refused=counted(
                Row(what=f"not a weapon: {candidate.text}", detail=candidate.reason, rule=candidate.rule)
                for candidate in extractor.weapons.explain(doc)
                if not candidate.taken and (candidate.start, candidate.end) not in told
            ),
            judged=tuple(judged_row(each, found.statements, document) for each in judged),
            moved=tuple(
                moved_row(weapon, reading, named[weapon.start, weapon.end], found.transfers, document)
                for reading in found.readings
                for weapon in reading.weapons
            ),
            unread=(unread_row(found.unread),) if found.unread else (),
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
    """Return which system a mention stands for."""
    sort = "weapon" if weapon.specific else "class of weapons"
    unlisted = ", not listed" if weapon.specific and not weapon.known else ""
    return Row(what=f"{sort}: {weapon.name}", detail=f"“{weapon.text}” ({weapon.category}{unlisted})", rule=weapon.rule)


def statement_row(statement: Statement) -> Row:
    """Return who said what, and how certain that is."""
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


def judged_row(judged: Judged, statements: Iterable[Statement], document: str) -> Row:
    """Return the probabilities, spans and speaker of a sentence, and why it was rejected."""
    reading = judged.reading
    parts = [
        document[reading.start : reading.end],
        f"red line {reading.red_line:.2f}, threat {reading.threat:.2f}, commentary {reading.commentary:.2f}",
        f"explicit {reading.explicit:.2f}, nuclear {reading.nuclear:.2f}",
        *(spans_line(role, spans, document) for role, spans in reading.spans.items() if spans),
        speaker_line(judged.speaker),
    ]
    rule = f"rejected: {judged.refused}" if judged.refused else ""
    return Row(what=outcome(judged, statements), detail="\n".join(filter(None, parts)), rule=rule)


def outcome(judged: Judged, statements: Iterable[Statement]) -> str:
    """Return what became of a sentence."""
    start, end = judged.reading.start, judged.reading.end
    kinds = (str(each.kind).replace("_", " ") for each in statements if each.start < end and start < each.end)
    return next(kinds, "a repeat" if judged.taken else "not a statement")


def spans_line(role: str, spans: Iterable[ScoredSpan], document: str) -> str:
    """Return which words may play a part, the likeliest first."""
    told = (f"“{document[span.start : span.end]}” {span.score:.2f}" for span in spans)
    return f"{role}: {', '.join(told)}"


def speaker_line(speaker: Speaker) -> str:
    """Return to whom the words were attributed; nothing if no speaker was looked for."""
    if speaker == Speaker():
        return ""
    who = ", ".join(filter(None, (speaker.name or "nobody named", speaker.role)))
    office = f"for {speaker.side or 'a side'}" if speaker.official else "for no side"
    return f"→ {who}, {office}: {speaker.rule}"


def moved_row(
    weapon: WeaponReading,
    reading: SentenceReading,
    mention: WeaponMention,
    transfers: Iterable[Transfer],
    document: str,
) -> Row:
    """Return which stages a sentence may report of a weapon, between whom, and which of them became transfers."""
    parts = [
        f"stages: {likely(weapon.stages)}; background {weapon.background:.2f}",
        *(
            spans_line(role, spans, document)
            for role, spans in (("supplier", weapon.suppliers), ("recipient", weapon.recipients))
            if spans
        ),
    ]
    told = [each for each in transfers if each.start == reading.start and each.weapon == mention.weapon]
    became = ", ".join(f"{stage_name(each.stage)}: {way(each)}" for each in told)
    none = "no transfer: no stage is likely enough, a party is missing, or another sentence reports it"
    return Row(what=f"{mention.name}, “{mention.text}”", detail="\n".join(parts), rule=became or none)


def unread_row(count: int) -> Row:
    """Return how many sentences the reader left out, and why."""
    left = plural(count, "more sentence")
    return Row(what=left, detail="may hold a signal", rule=f"only the first {MOST_READ:,} of an article are read")


def likely(stages: Mapping[Stage, float]) -> str:
    """Return the stages that are worth showing, the likeliest first."""
    shown = sorted(((score, stage) for stage, score in stages.items() if score >= LEAST), reverse=True)
    return ", ".join(f"{stage_name(stage)} {score:.2f}" for score, stage in shown) or "none"


def transfer_row(transfer: Transfer, document: str) -> Row:
    """Return the stage and the parties of a transfer."""
    past = ", background" if transfer.background else ""
    return Row(
        what=f"{stage_name(transfer.stage)}{past}: {transfer.weapon}",
        detail=f"{way(transfer)}: “{document[transfer.start : transfer.end]}”",
        rule=transfer.rule,
    )


def way(transfer: Transfer) -> str:
    """Return from whom to whom a weapon goes."""
    return f"{transfer.supplier or '?'} → {transfer.recipient or '?'}"


def show(explanation: Explanation, console: Console) -> None:
    """Print the article with its marks, then the tables."""
    article = explanation.article
    text = Text(article.document)
    for mark in explanation.marks:
        text.stylize(STYLES[mark.kind], mark.start, mark.end)
    found = table("Found", explanation.found) if explanation.found else Text("Nothing found.", style="dim")
    parts: list[RenderableType] = [text, Padding(found, (1, 0, 0, 0))]
    parts += [Padding(table(title, rows), (1, 0, 0, 0)) for title, rows in sections(explanation) if rows]
    heading = " · ".join(filter(None, [article.id, article.source, article.genre]))
    console.print(Panel(Group(*parts), title=Text(heading), title_align="left", border_style="dim"))


def sections(explanation: Explanation) -> tuple[tuple[str, Sequence[Row]], ...]:
    """Return the sections below the signals: title and rows."""
    return (
        ("Rejected", explanation.refused),
        ("Read for statements", explanation.judged),
        ("Read for transfers", explanation.moved),
        ("Not read", explanation.unread),
        ("Alerts", [alert_row(alert) for alert in explanation.alerts]),
    )


def alert_row(alert: Alert) -> Row:
    """Return whether a claim was alerted, and why or why not."""
    fate = f"not sent: {alert.suppressed}" if alert.suppressed else "sent or waiting"
    return Row(what=alert.headline, detail=f"{alert.why} ({fate})", rule=alert.id)


def table(title: str, rows: Iterable[Row]) -> Table:
    """Return the rows as a table; nothing in them is interpreted as markup."""
    made = Table("what", "detail", "rule", title=title, title_justify="left", expand=True, show_edge=False)
    for row in rows:
        made.add_row(Text(row.what), Text(row.detail), Text(row.rule, style="dim"))
    return made
