"""The language of a text. The only module that knows py3langid."""

import functools
import lzma
import re
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

SHORTEST = 40
"""Letters below which the detector would be guessing."""
SURE, LIKELY = 0.9, 0.5
SAMPLE = 1_500
MODEL = "model.npz"
CLEAR, BEGINNING = 0.2, 400
"""Share of function words in the first characters at which the rest need not be read."""
WORD = re.compile(r"[^\W\d_]{2,}")
_COMMON = (
    "the of and to in a that is for on with was by as said will has have from its it he at are not about after against "
    "amid been before being between but could did during his how into new our says she should than their them these "
    "they this those through until what when where which while who why would your"
)
COMMON = frozenset(_COMMON.split())
"""Function words, which make up a third of any English text; none of them is frequent in another language."""
ALPHABETS = (
    ("ru", "\u0400", "\u04ff"),
    ("ar", "\u0600", "\u06ff"),
    ("he", "\u0590", "\u05ff"),
    ("el", "\u0370", "\u03ff"),
    ("ko", "\uac00", "\ud7a3"),
    ("ja", "\u3040", "\u30ff"),
    ("zh", "\u4e00", "\u9fff"),
)
"""First and last character of alphabets that identify even a short text."""


def language_of(text: str, *, expected: str = "en") -> str:
    """Return the ISO 639-1 code of the language of ``text``, or ``expected`` if it is too short to tell."""
    if len(text) > BEGINNING and _english(text[:BEGINNING].lower().split()) > CLEAR:
        return "en"
    sample = text[:SAMPLE]
    words = WORD.findall(sample.lower())
    if sum(map(len, words)) < SHORTEST:
        return _alphabet(sample) or expected
    english = _english(words)
    if english > 0.15:
        return "en"
    code, probability = _identifier().classify(sample)
    return str(code) if probability >= (SURE if english > 0.05 else LIKELY) else expected


def _english(words: list[str]) -> float:
    """Return the share of ``words`` that are English function words."""
    return sum(map(COMMON.__contains__, words)) / max(len(words), 1)


def _alphabet(sample: str) -> str | None:
    letters = [char for char in sample if char.isalpha()]
    for code, first, last in ALPHABETS:
        if letters and sum(1 for char in letters if first <= char <= last) > len(letters) / 2:
            return code
    return None


@functools.cache
def _identifier() -> Any:
    """Return py3langid's detector with its model of 70 MB in mapped files, because a text needs little of it."""
    import numpy as np  # noqa: PLC0415  # half a second, for odd texts only
    from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        with lzma.open(MODEL_DIR / MODEL_FILE) as packed, Path(folder, MODEL).open("wb") as whole:
            shutil.copyfileobj(packed, whole, 1 << 20)
        with zipfile.ZipFile(Path(folder, MODEL)) as archive:
            archive.extractall(folder)
        part = {path.stem: np.asarray(np.load(path, mmap_mode="r")) for path in Path(folder).glob("*.npy")}
    return LanguageIdentifier(
        part["ptc"],
        part["pc"],
        part["classes"].tolist(),
        part["nextmove"].data,
        part["out_feat"].tolist(),
        norm_probs=True,
        tk_row=part["nextmove_row"].tolist(),
    )
