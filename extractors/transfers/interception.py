"""Weapons that are brought down: whoever intercepts a drone does not use it, even if the sentence names nobody else."""

import re

_BROUGHT_DOWN = re.compile(
    r"\b(?:intercept(?:s|ed|ing)?|sh(?:oot|oots|ot|ooting) down|down(?:s|ed|ing)|destroy(?:s|ed|ing)?"
    r"|repel(?:s|led|ling)?|neutrali[sz](?:e|es|ed|ing)|thwart(?:s|ed|ing)?|captur(?:e|es|ed|ing)|seiz(?:e|es|ed|ing)"
    r"|took out|tak(?:e|es|ing) out|brought down)\b",
    re.IGNORECASE,
)
_WITH_IT = re.compile(
    r"\b(?:us(?:e|es|ed|ing)|with|by|from|fir(?:e|es|ed|ing)|launch\w*|via|thanks to)\b|[;:]", re.IGNORECASE
)
"""What makes the weapon the means: "shot down … with a Patriot"."""
_HIT = re.compile(
    r"\b(?:hit|hits|struck|strik\w+|attack(?:s|ed|ing)?|destroy(?:s|ed|ing)?|shell(?:s|ed|ing)?|burn(?:s|ed|t|ing)?"
    r"|knock(?:s|ed)? out|tak(?:e|es|ing) out|took out|kill(?:s|ed|ing)?|bomb(?:s|ed|ing)?|target(?:s|ed|ing)?)\b",
    re.IGNORECASE,
)
_MEANS = re.compile(r"\b(?:with|using|by)\b", re.IGNORECASE)
_DOWNED_BEHIND = re.compile(
    rf"[^.;:]{{0,60}}?{_BROUGHT_DOWN.pattern} (?:all|most|many|some|both|each|them|it|almost|nearly|at least|\d+)\b",
    re.IGNORECASE,
)
"""After a side named behind the weapon: "with Kyiv's guns downing 74 of them"."""
_OBJECT = 90
"""Most code points between the verb and its object, which may be a list."""


def is_brought_down(text: str, weapon: int, *, sentence: int, user: int) -> bool:
    """Whether the weapon at ``weapon`` is brought down by the side that is named at ``user``, as its alleged user.

    ``sentence`` is where the sentence begins; all three are places in ``text``. A user named behind the weapon may have
    launched it, unless it downs "them".
    """
    if user > weapon:
        return _DOWNED_BEHIND.match(text, user) is not None
    verbs = list(_BROUGHT_DOWN.finditer(text, max(sentence, weapon - _OBJECT), weapon))
    if not verbs or not user < verbs[-1].start():
        return False
    return _WITH_IT.search(text, verbs[-1].end(), weapon) is None


def is_hit_with(text: str, weapon: int, *, sentence: int, user: int) -> bool:
    """Whether the side named at ``user``, as its alleged user, is what the weapon at ``weapon`` hits.

    "Destroyed a Ukrainian tank with a Lancet"; ``sentence`` is where the sentence begins; all are places in ``text``.
    """
    verbs = list(_HIT.finditer(text, max(sentence, user - _OBJECT), user))
    if not verbs or not user < weapon or _MEANS.search(text, verbs[-1].end(), user):
        return False
    return _MEANS.search(text, user, weapon) is not None
