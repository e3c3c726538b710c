"""Statements that a sentence recalls: said some time ago, and told to explain what is news today."""

import re
from datetime import datetime

from extractors.text.past_sentences import is_of_an_earlier_month

_WORDS = r"(?:warned|threatened|vowed|promised|pledged|sworn|swore|raised|said)"
_MENACED = r"(?:warned|threatened|vowed|promised|pledged|sworn)"
_HARM = (
    r"(?:retaliation|retaliatory|response|revenge|reprisals?|attacks?|strikes?|action|offensive|invasion|sanctions"
    r"|measures|war|cut-off|blockade|withdrawal)"
)
_EARLIER = re.compile(
    rf"\b(?:has|have|had) (?:\w+ )?(?:previously|earlier|already|repeatedly|long|often) {_WORDS}\b"
    rf"|\b(?:previously|earlier) {_WORDS}\b|\b{_MENACED} (?:earlier|previously|last (?:month|year|week)"
    r"|(?:weeks|months|years) ago)\b"
    r"|\b(?:last|earlier th(?:is|at)) (?:month|year|spring|summer|autumn|winter)\b"
    rf"|(?:\b(?:of|the|its|their|his|her|in)|['’]s) (?:\w+ )?(?:promised|threatened|vowed|long-threatened) {_HARM}\b",
    re.IGNORECASE,
)
"""Anywhere in the sentence: it was said before."""
_HAD = re.compile(rf"\bhad {_MENACED}\b", re.IGNORECASE)
_REPORTED = re.compile(r"\b(?:said|says|say|told|tells|according)\b", re.IGNORECASE)
"""Before ``_HAD``: the past perfect only follows the tense of a report that is news."""
_IN_PASSING = re.compile(
    rf"\b(?:as|since|though|although|because|while) (?:[\w’'.-]+ ){{1,4}}(?:has|have|had) (?:\w+ly )?{_MENACED}\b"
    rf"|, (?:which|who) (?:has |have |had )?(?:\w+ly )?{_MENACED}\b"
    r"|\b(?:despite|in spite of|regardless of|undeterred by) (?:[\w’'.-]+ ){0,4}?(?:warnings?|threats?|vows?)\b"
    rf"|\b(?:comes?|came) after (?:(?!and\b)[\w’'.-]+ ){{1,4}}(?:had )?(?:\w+ly )?{_MENACED}\b"
    rf"|\bafter (?:it|he|she|they) (?:had )?(?:\w+ly )?{_MENACED}\b"
    rf"|\b(?:hours|days|weeks|months|years|a (?:day|week|month|year)|shortly|soon) after [^.;]{{0,80}}?\b{_WORDS}\b",
    re.IGNORECASE,
)
"""Before what is threatened: a relative clause, or one of reason, time or contrast, in which nobody puts news."""


def is_recalled(sentence: str, *, harm: str | None = None, published: datetime | None = None) -> bool:
    """Return whether a statement in ``sentence`` was made before its article was ``published``.

    ``harm`` is what it threatens, in its words: what stands before them tells when, what they contain is still to come.
    """
    if _EARLIER.search(sentence):
        return True
    had = _HAD.search(sentence)
    if had and not _REPORTED.search(sentence, 0, had.start()):
        return True
    told = sentence[: max(0, sentence.find(harm))] if harm else ""
    return _IN_PASSING.search(told) is not None or is_of_an_earlier_month(told, published=published)
