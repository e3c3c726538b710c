"""Whether two articles are copies of one text. Pure. MinHash and banding find candidates, a full comparison decides.

A wire story is carried whole, cut from the end, or under another lead, so what counts is containment: how much of the
shorter text occurs in the longer one. MinHash (Broder, 1997) estimates resemblance from 126 numbers per text; texts
that agree in three consecutive ones, in any of 42 bands, are compared. At a resemblance of 0.5 that finds 99.6 %.
"""

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHINGLE = 3
"""Words in a shingle."""

BANDS, ROWS = 42, 3
"""Bands of the signature, and numbers per band; sharing a band makes two texts candidates."""

FEWEST_SHINGLES = 12
"""Shorter texts never count as copies: two headlines easily share a phrase."""

MOST_WORDS = 5_000
"""Words after these are ignored, so that a hostile text costs no more than a long one."""

MOST_HASHES = 50_000
"""How many words' hashes are cached."""

CONTAINED = 0.5
"""How much of the shorter text must occur in the longer one."""

SHORT, SHORT_CONTAINED = 60, 0.75
"""The same for texts with fewer shingles: a caption or a fixed frame may be half of a short item."""

Hashes = NDArray[np.uint32]

_WORD = re.compile(r"\w+")
_SPACES = bytes(code if code < 128 and _WORD.match(chr(code)) else 32 for code in range(256))
"""Maps everything that separates words in ASCII to a space."""

_GENERATOR = np.random.Generator(np.random.PCG64(20230510))
_PLACES = _GENERATOR.integers(1, 2**63, size=SHINGLE, dtype=np.uint64) | np.uint64(1)
_FACTORS = _GENERATOR.integers(1, 2**32, size=BANDS * ROWS, dtype=np.uint32) | np.uint32(1)
_OFFSETS = _GENERATOR.integers(0, 2**32, size=BANDS * ROWS, dtype=np.uint32)
_MIXERS = _GENERATOR.integers(1, 2**63, size=(BANDS, ROWS), dtype=np.uint64) | np.uint64(1)
_SALTS = _GENERATOR.integers(0, 2**63, size=BANDS, dtype=np.uint64)
"""Fixed numbers: signatures are stored, so every process must draw the same."""
_UPPER = np.uint64(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What a text is compared by."""

    shingles: frozenset[int]
    lsh_bands: tuple[int, ...]
    """Hashes of the bands of its signature; empty for a text too short to compare."""


class _Hashes(dict[bytes, int]):
    """Cached hashes of words: the same few thousand make up most of the news."""

    def __missing__(self, word: bytes) -> int:
        self[word] = found = zlib.crc32(word)
        return found


_HASH_OF = _Hashes()


def fingerprint_of(text: str) -> Fingerprint:
    """Return the fingerprint of ``text``, in time linear in its length."""
    shingles = _shingles(text)
    (lsh_bands,) = _bands([shingles])
    return Fingerprint(shingles=frozenset(shingles.tolist()), lsh_bands=lsh_bands)


def lsh_bands_of(texts: Iterable[str]) -> list[tuple[int, ...]]:
    """Return only the bands of each text, 32 bits each: most texts share none and are never compared in full."""
    return _bands(map(_shingles, texts))


def _shingles(text: str) -> Hashes:
    """Return the 32-bit hashes of all runs of three words, ignoring case and punctuation."""
    words = _words(text.casefold())[:MOST_WORDS]
    hashes = np.fromiter(map(_HASH_OF.__getitem__, words), dtype=np.uint64, count=len(words))
    if len(_HASH_OF) > MOST_HASHES:
        _HASH_OF.clear()
    mixed = np.convolve(hashes, _PLACES[::-1], "valid") if len(words) >= SHINGLE else hashes[:0]
    return (mixed >> _UPPER).astype(np.uint32)


def _words(text: str) -> list[bytes]:
    """Return the words of ``text``; ASCII, which most news is, splits in a fifth of the time."""
    return text.encode().translate(_SPACES).split() if text.isascii() else [*map(str.encode, _WORD.findall(text))]


def _bands(texts: Iterable[Hashes]) -> list[tuple[int, ...]]:
    """Return the bands of many texts' shingles: for one, most of the time would go into starting numpy."""
    signatures = [_signature(shingles) for shingles in texts]
    long = np.array([each for each in signatures if each is not None], dtype=np.uint32).reshape(-1, BANDS, ROWS)
    mixed = (long * _MIXERS).sum(axis=2, dtype=np.uint64) ^ _SALTS
    lsh_bands = iter((mixed >> _UPPER).tolist())
    return [() if each is None else tuple(next(lsh_bands)) for each in signatures]


def _signature(shingles: Hashes) -> Hashes | None:
    """Return the smallest of each kind of hash; None for a text too short to compare."""
    beginning = shingles[: 2 * FEWEST_SHINGLES]  # counting all takes a tenth of the time
    if len(set(beginning.tolist())) < FEWEST_SHINGLES and len(set(shingles.tolist())) < FEWEST_SHINGLES:
        return None
    # Multiply-shift hashing (Dietzfelbinger, 1996): the product wraps around at 32 bits.
    products = np.multiply.outer(shingles, _FACTORS)
    products += _OFFSETS
    smallest: Hashes = products.min(axis=0)
    return smallest


def containment(one: Fingerprint, other: Fingerprint) -> float:
    """Return how much of the shorter text occurs in the longer one, 0 to 1."""
    shorter = min(len(one.shingles), len(other.shingles))
    return len(one.shingles & other.shingles) / shorter if shorter else 0.0


def are_copies(one: Fingerprint, other: Fingerprint) -> bool:
    """Return whether two texts are copies of one text, possibly cut or with another lead."""
    if not (one.lsh_bands and other.lsh_bands):
        return False
    short = min(len(one.shingles), len(other.shingles)) < SHORT
    return containment(one, other) >= (SHORT_CONTAINED if short else CONTAINED)
