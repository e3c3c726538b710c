"""Which of five folds a document is in; fold 0 is the untouched fifth, which nobody reads and nothing learns from.

Pieces of one source text, and texts under one title, are in one fold.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

FOLDS = 5
UNTOUCHED = 0
_PIECE = re.compile(r"(g\d+)-\d+")
_TELLING = 4
"""Words a title must have before two texts under it count as one."""


def folds_of(documents: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return the fold of every document of a set, by its id."""
    documents = list(documents)
    groups = _Groups()
    for document in documents:
        group = groups.of(f"id:{source_of(document['id'])}")
        title = plain(document.get("title") or "")
        if len(title.split()) >= _TELLING:
            groups.parents[groups.of(f"t:{title}")] = group
    return {one["id"]: fold_of(groups.of(f"id:{source_of(one['id'])}")) for one in documents}


def fold_of(name: str) -> int:
    """Return the fold that the hash of ``name`` gives."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % FOLDS


def half_of(document: str) -> int:
    """Return in which half of its fold ``document`` is: the half 1 may be taught while the other one is chosen by."""
    return int(hashlib.md5(document.encode(), usedforsecurity=False).hexdigest(), 16) % 2


def source_of(document: str) -> str:
    """Return the id of the text that a document is a piece of: ``g00002`` of ``g00002-1``."""
    piece = _PIECE.fullmatch(document)
    return piece[1] if piece else document


def plain(text: str) -> str:
    """Return the words of ``text`` in lower case, to compare by."""
    return re.sub(r"\W+", " ", text.lower()).strip()


class _Groups:
    """Names that were found to belong together (union-find)."""

    def __init__(self) -> None:
        self.parents: dict[str, str] = {}

    def of(self, name: str) -> str:
        while self.parents.setdefault(name, name) != name:
            name = self.parents[name]
        return name
