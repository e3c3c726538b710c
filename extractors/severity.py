"""How loud a statement is, from 1 to 5, with its reasons; and the nearest rung of Kahn's escalation ladder.

The rungs are those of Herman Kahn, On Escalation: Metaphors and Scenarios (1965). They help a reader to place a statement; they
measure nothing.
"""

import re
from dataclasses import dataclass

from extractors.records import Kind

_TOP = re.compile(
    r"\b(?:president|prime minister|premier|chancellor|supreme leader|chairman|king|emir|head of state|commander[- ]in[- ]chief|"
    r"secretary general|general secretary|leader)\b",
    re.IGNORECASE,
)
_NOT_TOP = re.compile(r"\b(?:vice|deputy|former|spokes\w+|adviser|aide|envoy|assistant|office of)\b", re.IGNORECASE)
_MIDDLE = re.compile(
    r"\b(?:minister|ministry|secretary|chief|commander|deputy|general|council|adviser|kremlin|white house)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    """``level`` 1 (faint) to 5 (loudest), why, and a rung "number name" of Kahn's ladder or None."""

    level: int
    reasons: tuple[str, ...]
    rung: str | None


RUNGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), rung)
    for pattern, rung in (
        (
            r"\bnuclear (?:strike|attack|retaliat|response)|\bnuke|use (?:of )?(?:its |tactical |our )*nuclear",
            "15 Barely nuclear war",
        ),
        (r"\bnuclear (?:war|catastrophe|apocalypse|armageddon)|nuclear force", "13 Large compound escalation"),
        (r"\bultimatum|\bfinal warning|\blast chance|\bnuclear\b", "10 Nuclear ultimatums"),
        (
            r"\b(?:act|declaration|state) of war|declare war|go to war|mean(?:s)? war|direct participation",
            "12 Large conventional war",
        ),
        (
            r"\bdestroy|obliterat|annihilat|wipe|strike|attack|bomb|shoot down|sink|legitimate\W+(?:military )?target",
            "8 Harassing acts of violence",
        ),
        (r"\bdeploy|mobili[sz]|station(?:ing)? (?:of )?(?:troops|missiles)", "6 Significant mobilization"),
        (r"\bshow of force|drills|exercises|maneuvers|manoeuvres", "5 Show of force"),
        (r"\bsanction|embargo|cut off|blockade|halt|suspend|expel|tariff", "3 Solemn and formal declarations"),
        (r".", "2 Political, economic and diplomatic gestures"),
    )
)


def assess(
    *, kind: Kind, text: str, role: str | None, explicit: bool, nuclear: bool, condition: bool, consequence: bool
) -> Severity:
    """Return the severity of a statement; ``text`` is its quote, ``condition`` whether it names one."""
    if kind is Kind.COMMENTARY:
        return Severity(level=1, reasons=("commentary",), rung=None)
    points: list[tuple[float, str]] = [(1.0, kind.value.replace("_", " "))]
    rank = rank_of(role or "")
    points.append(
        (rank, ("said without rank", "said by an office holder", "said by the head of state or government")[int(rank)])
    )
    if nuclear:
        points.append((1.5, "nuclear"))
    if explicit:
        points.append((0.5, "says red line"))
    if condition and consequence:
        points.append((0.5, "names the act and what would follow"))
    rung = next(rung for pattern, rung in RUNGS if pattern.search(text or "."))
    if int(rung.split()[0]) >= 8:
        points.append((0.5, "threatens force"))
    total = sum(worth for worth, _ in points)
    return Severity(level=max(1, min(5, round(total))), reasons=tuple(why for worth, why in points if worth), rung=rung)


def rank_of(role: str) -> float:
    """Return 2 for a head of state or government, 1 for another office, 0 for none."""
    if _TOP.search(role) and not _NOT_TOP.search(role):
        return 2.0
    return 1.0 if _MIDDLE.search(role) else 0.0
