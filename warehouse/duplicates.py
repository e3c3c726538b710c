"""Whether two articles are copies of one text: pure. Candidates by MinHash and banding, certainty by comparing in full.

A wire story is carried whole, cut from the end, or under another lead, so what decides is containment: how much of the
shorter text stands in the longer one. MinHash (Broder, 1997) estimates resemblance from 126 numbers per text; texts
that agree in three of them in a row, in any of 42 places, are compared. At a resemblance of 0.5 that finds 99.6 %.
"""

import re
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHINGLE = 3
"""Words in a shingle."""

BANDS, ROWS = 42, 3
"""The signature is cut into so many bands of so many numbers; sharing one makes two texts candidates."""

FEWEST_SHINGLES = 12
"""Shorter texts are never copies of one another: two headlines share a phrase easily."""

MOST_WORDS = 5_000
"""Nothing behind these is looked at, so that a hostile text costs no more than a long one."""

MOST_HASHES = 50_000
"""Words whose hashes are remembered."""

CONTAINED = 0.5
"""How much of the shorter text must stand in the longer one."""

SHORT, SHORT_CONTAINED = 60, 0.75
"""How much of texts with fewer shingles: a caption or the frame of a daily list is half of many a short item."""

Hashes = NDArray[np.uint32]

_WORD = re.compile(r"\w+")
_SPACES = {code: " " for code in range(128) if not _WORD.match(chr(code))}
"""What parts words in ASCII."""

_GENERATOR = np.random.Generator(np.random.PCG64(20230510))
_PLACES = _GENERATOR.integers(1, 2**63, size=SHINGLE, dtype=np.uint64) | np.uint64(1)
_FACTORS = _GENERATOR.integers(1, 2**32, size=BANDS * ROWS, dtype=np.uint32) | np.uint32(1)
_OFFSETS = _GENERATOR.integers(0, 2**32, size=BANDS * ROWS, dtype=np.uint32)
_MIXERS = _GENERATOR.integers(1, 2**63, size=(BANDS, ROWS), dtype=np.uint64) | np.uint64(1)
_SALTS = _GENERATOR.integers(0, 2**63, size=BANDS, dtype=np.uint64)
"""Fixed numbers: signatures are stored, so every process must draw the same."""
_UPPER = np.uint64(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """What a text is compared by."""

    shingles: frozenset[int]
    bands: tuple[int, ...]
    """Hashes of the bands of its signature; empty for a text too short to compare."""


class _Hashes(dict[str, int]):
    """Hashes of words, remembered: the same few thousand make up most of the news."""

    def __missing__(self, word: str) -> int:
        self[word] = found = zlib.crc32(word.encode())
        return found


_HASH_OF = _Hashes()


def print_of(text: str) -> Print:
    """Return what ``text`` is compared by, in time linear in its length."""
    shingles = _shingles(text)
    return Print(shingles=frozenset(shingles.tolist()), bands=_bands(shingles))


def bands_of(text: str) -> tuple[int, ...]:
    """Return the bands of ``text`` alone, 32 bits each: most texts share none and are never compared in full."""
    return _bands(_shingles(text))


def _shingles(text: str) -> Hashes:
    """Return the 32-bit hashes of all runs of three words, whatever their case and punctuation."""
    words = _words(text.casefold())[:MOST_WORDS]
    hashes = np.fromiter(map(_HASH_OF.__getitem__, words), dtype=np.uint64, count=len(words))
    if len(_HASH_OF) > MOST_HASHES:
        _HASH_OF.clear()
    runs = max(len(words) - SHINGLE + 1, 0)
    mixed = np.zeros(runs, dtype=np.uint64)
    for place, factor in enumerate(_PLACES):
        mixed += hashes[place : place + runs] * factor
    return (mixed >> _UPPER).astype(np.uint32)


def _words(text: str) -> list[str]:
    """Return the words of ``text``; most of the news is ASCII, where splitting is a third of the work."""
    return text.translate(_SPACES).split() if text.isascii() else _WORD.findall(text)


def _bands(shingles: Hashes) -> tuple[int, ...]:
    if len(set(shingles.tolist())) < FEWEST_SHINGLES:
        return ()
    # Multiply-shift hashing (Dietzfelbinger, 1996): the product wraps around at 32 bits.
    products = np.multiply.outer(shingles, _FACTORS)
    products += _OFFSETS
    signature = products.min(axis=0).reshape(BANDS, ROWS)
    mixed = (signature * _MIXERS).sum(axis=1, dtype=np.uint64) ^ _SALTS
    return tuple((mixed >> _UPPER).tolist())


def containment(one: Print, other: Print) -> float:
    """Return 0–1: how much of the shorter text stands in the longer one."""
    shorter = min(len(one.shingles), len(other.shingles))
    return len(one.shingles & other.shingles) / shorter if shorter else 0.0


def are_copies(one: Print, other: Print) -> bool:
    """Return whether two texts are copies of one, cut or with another lead."""
    if not (one.bands and other.bands):
        return False
    short = min(len(one.shingles), len(other.shingles)) < SHORT
    return containment(one, other) >= (SHORT_CONTAINED if short else CONTAINED)
