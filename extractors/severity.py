"""How loud a statement is, from 1 to 5, with its reasons; and the nearest rung of Kahn's escalation ladder.

The rungs are those of Herman Kahn, On Escalation: Metaphors and Scenarios (1965). They help a reader to
place a statement; they measure nothing.
"""

import re
from dataclasses import dataclass

from extractors.records import Kind

_TOP = re.compile(
    r"\b(?:president|prime minister|premier|chancellor|supreme leader|chairman|king|emir|head of state|leader"
    r"|commander[- ]in[- ]chief|secretary general|general secretary)\b",
    re.IGNORECASE,
)
_NOT_TOP = re.compile(r"\b(?:vice|deputy|former|spokes\w+|advis[eo]r|aide|envoy|assistant|office of)\b", re.IGNORECASE)
_MIDDLE = re.compile(
    r"\b(?:minister|ministry|secretary|chief|commander|deputy|general|council|advis[eo]r|kremlin|white house)\b",
    re.IGNORECASE,
)
_ANNIHILATION = re.compile(
    r"\b(?:annihilat|obliterat|wip(?:e|ed|es|ing) (?:[^.;]{1,40} )?(?:out\b|off the (?:map|face|earth)))"
    r"|\b(?:turn|reduc|burn|bomb|grind|ground|pound)\w* [^.;]{0,60}?\b(?:in)?to [^.;]{0,30}?"
    r"\b(?:mass|ash|ashes|rubble|ruins|dust|sea of fire|graveyard|wasteland|cemetery)\b",
    re.IGNORECASE,
)
"""Whole cities, armies or states are to be no more."""
_RANKS = ("said without rank", "said by an office holder", "said by the head of state or government")


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    """``level`` 1 (faint) to 5 (loudest), why, and a rung "number name" of Kahn's ladder or None."""

    level: int
    reasons: tuple[str, ...]
    rung: str | None


RUNGS: tuple[tuple[int, str, str], ...] = (
    (16, 'Nuclear "Ultimatums"', r"nuclear|\bnukes?\b|atomic|thermonuclear"),
    (
        12,
        "Large Conventional War (or Actions)",
        r"(?:act|declaration|state) of war|declare war|go(?:es)? to war|all.out war",
    ),
    (
        9,
        "Dramatic Military Confrontations",
        r"direct (?:participation|involvement|confrontation)|clash|invade|invasion",
    ),
    (
        8,
        "Harassing Acts of Violence",
        r"strike|attack|bomb|destroy|obliterat|annihilat|shoot|sink|\bhit\b|kill|legitimate",
    ),
    (6, "Significant Mobilization", r"deploy|mobili[sz]|station(?:ing|ed)?\b|troops to"),
    (5, "Show of Force", r"show of force|drills|exercises|overflight"),
    (7, '"Legal" Harassment - Retortions', r"sanction|embargo|cut off|blockade|halt|suspend|expel|tariff|seize"),
    (
        4,
        "Hardening of Positions - Confrontation of Wills",
        r"red.lines?|unacceptable|not tolerate|ultimatum|final warning",
    ),
    (3, "Solemn and Formal Declarations", r""),
)
"""Kahn's number and name of a rung, and what in a statement points to it; the first that matches counts."""


def assess(
    *, kind: Kind, text: str, role: str | None, explicit: bool, nuclear: bool, condition: bool, consequence: bool
) -> Severity:
    """Return the severity of a statement; ``text`` is its quote, ``condition`` whether it names one."""
    if kind is Kind.COMMENTARY:
        return Severity(level=1, reasons=("commentary",), rung=None)
    rank = rank_of(role or "")
    number, name = rung_of(text)
    points = [(1.0, kind.value.replace("_", " ")), (float(rank), _RANKS[rank])]
    points += [(1.5, "nuclear")] if nuclear else []
    points += [(0.5, "says red line")] if explicit else []
    points += [(0.5, "names the act and what would follow")] if condition and consequence else []
    points += [(0.5, "threatens force")] if number >= 8 else []
    points += [(1.0, "threatens annihilation")] if _ANNIHILATION.search(text) else []
    level = max(1, min(5, round(sum(worth for worth, _ in points))))
    return Severity(level=level, reasons=tuple(why for worth, why in points if worth), rung=f"{number} {name}")


def rung_of(text: str) -> tuple[int, str]:
    """Return number and name of the rung of Kahn's ladder that ``text`` points to."""
    return next((number, name) for number, name, pattern in RUNGS if re.search(pattern, text, re.IGNORECASE))


def rank_of(role: str) -> int:
    """Return 2 for a head of state or government, 1 for another office, 0 for none."""
    if _TOP.search(role) and not _NOT_TOP.search(role):
        return 2
    return 1 if _MIDDLE.search(role) else 0
