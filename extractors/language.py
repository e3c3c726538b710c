"""The trained language pipeline: tags, dependencies and names, for the sentences that are worth the time.

The weights lie in ``model/pipeline``; ``training/README.md`` says how they were made and what they reach. Reading a
sentence costs a hundred times what tokenizing it costs, so nothing here runs over whole articles by itself::

    nlp = load(parts=("parser",))
    for span, parsed in zip(candidates, read(nlp, candidates)):
        ...  # parsed[i] is span[i], with .dep_ and .head

Labels are those of Universal Dependencies 2 (``nsubj:pass``, ``ccomp``, ``obl``), Penn Treebank tags in ``tag_``,
universal ones in ``pos_``; names are PERSON, ORG, LOC or MISC (nationalities, events, works).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import tee
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

WEIGHTS = Path(__file__).parent / "model" / "pipeline"
PARTS = ("tagger", "morphologizer", "parser", "ner")
"""What can be had: ``tag_``, ``pos_``, ``dep_`` with ``head``, and ``ents``."""

ENCODER = "tok2vec"
"""Shared by the first three; names have one of their own, because sharing costs them five points of F."""

LONGEST = 400
"""Tokens read at once. Longer spans are lists or noise; they are read in pieces, so that memory stays bounded."""


def load(*, parts: Sequence[str] = PARTS, weights: Path = WEIGHTS) -> Language:
    """Return a pipeline with the chosen ``parts``, in their order in ``PARTS``; ValueError names an unknown one.

    It has a vocabulary of its own, and is meant to be called through ``read``.
    """
    unknown = set(parts) - set(PARTS)
    if unknown:
        raise ValueError(f"no such part of the language pipeline: {', '.join(sorted(unknown))}; there are {PARTS}")
    wanted = {ENCODER, *parts} if set(parts) - {"ner"} else set(parts)
    return spacy.load(weights, exclude=[part for part in (ENCODER, *PARTS) if part not in wanted])


def read(nlp: Language, spans: Iterable[Span]) -> Iterator[Doc]:
    """Yield one Doc per span, in order, annotated by ``nlp``'s parts; token ``i`` is token ``i`` of the span.

    Every span is taken for one sentence. Its own Doc, which another vocabulary may have made, is not changed.
    """
    counted, wanted = tee([_piece(nlp, span, start) for start in _starts(span)] for span in spans)
    pieces = nlp.pipe(piece for group in wanted for piece in group)
    for group in counted:
        read_pieces = [next(pieces) for _ in group]
        yield read_pieces[0] if len(read_pieces) == 1 else _joined(nlp, read_pieces)


def _starts(span: Span) -> range:
    return range(0, len(span), LONGEST)


def _piece(nlp: Language, span: Span, start: int) -> Doc:
    """Return up to ``LONGEST`` tokens of ``span`` as a Doc that the parser may not split."""
    tokens = list(span[start : start + LONGEST])
    return Doc(
        nlp.vocab,
        words=[token.text for token in tokens],
        spaces=[bool(token.whitespace_) for token in tokens],
        sent_starts=[i == 0 for i in range(len(tokens))],
    )


def _joined(nlp: Language, pieces: list[Doc]) -> Doc:
    """Return one Doc of all ``pieces``, which may be none."""
    joined = Doc.from_docs(pieces, ensure_whitespace=False)
    return Doc(nlp.vocab) if joined is None else joined
