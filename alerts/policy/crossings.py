"""What news changes of what was said and done before: the line it crosses, or draws again, and what it reverses. Pure.

A line that names a system is not crossed by whatever is done with it: the United States firing Tomahawks cross no line
about Tomahawks for Ukraine. So who gets or uses it must be named where the line was reported, and a maker that uses its
own system in the line itself.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from alerts.wording.changes import Changes
from extractors.actors.spellings import unmarked
from extractors.records import AlertKind, Line, News, Stage, Step, Transfer

Forms = Mapping[str, Collection[str]]
"""How texts call a side, by its id: names, capitals, peoples, organs and forces."""

_READ = 20_000
"""Code points of an article in which sides are looked for."""
DEEDS = frozenset({Stage.DELIVERED, Stage.USE_PERMITTED, Stage.USED})
_QUESTIONS = (
    (Stage.REFUSED, Stage.SUSPENDED, Stage.PLEDGED, Stage.DELIVERED),
    (Stage.USE_REFUSED, Stage.USE_PERMITTED),
)
"""Stages that answer one question, so that one of them may reverse another."""
SAME_DAY = timedelta(days=1)
_NO = frozenset({Stage.REFUSED, Stage.SUSPENDED, Stage.USE_REFUSED})

_OF_USE = re.compile(
    r"\b(?:us(?:e|es|ed|ing)|fir(?:e|es|ed|ing)|strik\w+|struck|attack\w*|launch\w*|hit\w*)\b", re.IGNORECASE
)
_OF_TRANSFER = re.compile(
    r"\b(?:deliver\w*|suppl\w+|send\w*|sent|transfer\w*|provi\w+|giv\w+|hand\w*|receiv\w*|get\w*|arm\w*|export\w*|sale"
    r"|sell\w*|sold|arriv\w*|appear\w*|station\w*|deploy\w*)\b",
    re.IGNORECASE,
)


def is_named(text: str, side: str, forms: Forms) -> bool:
    """Whether ``text`` names ``side`` by any of its forms, which are ``unmarked``."""
    known = "|".join(map(re.escape, sorted(forms.get(side, ()), key=len, reverse=True)))
    return bool(known) and re.search(rf"(?<!\w)(?:{known})(?!\w)", unmarked(text)) is not None


def changes_of(item: News, *, forms: Forms, maker: str | None = None) -> Changes:
    """Return what ``item`` changes; ``maker`` is the side that makes the weapon it is about."""
    if item.kind is AlertKind.NEW_STATEMENT:
        return Changes(redraws=next((line for line in item.lines if not line.still), None))
    transfer = item.transfer
    if item.kind is not AlertKind.NEW_STAGE or transfer is None:
        return Changes()
    touched = [line for line in item.lines if _is_about(line, transfer, forms=forms, maker=maker)]
    line = next(iter(touched), None)
    done = transfer.stage in DEEDS
    return Changes(
        crosses=line if done else None,
        others=len({each.side for each in touched} - {line.side}) if line and done else 0,
        defies=line if transfer.stage is Stage.PLEDGED else None,
        reverses=_reversed(item.steps, transfer),
        fulfils=_fulfilled(item, transfer),
    )


def _is_about(line: Line, transfer: Transfer, *, forms: Forms, maker: str | None) -> bool:
    """Whether the act a line forbids is, or would be, what ``transfer`` reports."""
    recipient, forbidden = transfer.recipient, line.condition or line.quote.replace(line.consequence or "", "")
    where = line.document[:_READ] if line.named else line.quote
    if recipient is None or not is_named(where, recipient, forms):
        return False
    if recipient == maker and not is_named(forbidden, recipient, forms):
        return False
    of_use_alone = _OF_USE.search(forbidden) and not _OF_TRANSFER.search(forbidden)
    return not of_use_alone or transfer.stage not in {Stage.PLEDGED, Stage.DELIVERED}


def _reversed(steps: Sequence[Step], transfer: Transfer) -> Step | None:
    """Return the last word of the same supplier on the same question, where ``transfer`` says the opposite."""
    question = next((stages for stages in _QUESTIONS if transfer.stage in stages), ())
    before = [step for step in steps if step.stage in question and _same_supplier(step, transfer)]
    last = max(before, key=lambda step: (step.since, question.index(step.stage)), default=None)
    return last if last and (last.stage in _NO) != (transfer.stage in _NO) else None


def _fulfilled(item: News, transfer: Transfer) -> Step | None:
    """Return the pledge by the same supplier that a delivery follows within a day: outlets tell one act as either."""
    at = item.article.published or item.article.seen
    if transfer.stage is not Stage.DELIVERED or at is None:
        return None
    pledged = [step for step in item.steps if step.stage is Stage.PLEDGED and _same_supplier(step, transfer)]
    return next((step for step in pledged if abs(at - step.since) <= SAME_DAY), None)


def _same_supplier(step: Step, transfer: Transfer) -> bool:
    return not (step.supplier and transfer.supplier and step.supplier != transfer.supplier)
