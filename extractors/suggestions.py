"""What somebody may have meant who wrote a name that nothing has: the one place where that is guessed and worded."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

ALIKE = 0.7
"""How much of two names must agree, from 0 to 1: with less, what is suggested has nothing to do with what was meant."""


def similar(name: str, known: Iterable[str], *, called: Mapping[str, str] | None = None, most: int = 3) -> list[str]:
    """Return up to ``most`` of what is known that is spelled like ``name``, whatever its case, the likeliest first.

    ``called`` gives what to call a spelling, if not as it is spelled.
    """
    spelled = {spelling.casefold(): (called or {}).get(spelling, spelling) for spelling in known}
    near = get_close_matches(name.casefold(), spelled, n=most, cutoff=ALIKE)
    return list(dict.fromkeys(spelled[spelling] for spelling in near))


def did_you_mean(names: Sequence[str], *, otherwise: str = "") -> str:
    """Return the end of a message, which asks for one of ``names``, or tells what to do where there are none."""
    if names:
        return f"; did you mean {either(names)}?"
    return f"; {otherwise}" if otherwise else ""


def either(names: Sequence[str]) -> str:
    """Return names to choose from, in words."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
