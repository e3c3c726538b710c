"""The version of the extractor, known without building it, so that a cycle with nothing to read need not build it."""

import hashlib
from pathlib import Path

HERE = Path(__file__).parent
_APART = frozenset({"training", "__pycache__", "CARD.md", "LICENSE", "holdings.jsonl"})
"""Folders and files that do not affect results; holdings only affect which alerts are sent."""


def version_of(seeds: Path) -> str:
    """Return a version that changes with every lexicon, rule or weight, so that stored articles are read again."""
    digest = hashlib.blake2b(digest_size=6)
    for path in version_files(seeds):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def version_files(seeds: Path) -> list[Path]:
    """Return every file on which the result of an extraction depends, in a fixed order."""
    files = (path for path in sorted(HERE.rglob("*")) if path.is_file())
    own = (path for path in files if not _APART.intersection(path.relative_to(HERE).parts))
    return [*own, *(path for path in sorted(seeds.glob("*.jsonl")) if path.name not in _APART)]
