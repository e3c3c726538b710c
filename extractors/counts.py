"""Counts in words, for every text that a person reads."""


def plural(count: int, noun: str, many: str = "") -> str:
    """Return ``count`` with its noun: 1 article, 1,200 articles; ``many`` is a plural that no "s" makes."""
    return f"{count:,} {noun if count == 1 else many or f'{noun}s'}"
