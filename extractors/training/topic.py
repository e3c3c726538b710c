"""The linear model of topics: fitted to natural and invented texts on conflicts against articles of everyday news.

Both are also shown in pieces, because what is published is often as short as that.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from extractors.reader.topic import LONGEST, words_of
from extractors.training.data import Example
from extractors.training.sources import INVENTED, REAL

EVERYDAY = "ordinary"
UNREAD_CONFLICT = ("pool", "conflict")
"""Sets of unread texts on conflicts."""
_PIECE = 900
"""Code points of a piece: some 150 words."""
_RARE = 5
_TELLING = 0.1
_STRENGTH = 10.0


def fit_topic(examples: Iterable[Example], path: Path, *, unread: Iterable[str] = ()) -> int:
    """Write the weights of words that tell news of conflict from everyday news to ``path``; return their number.

    ``unread`` are more texts on conflicts, which nobody annotated.
    """
    conflict, everyday = texts_of(examples)
    conflict, everyday = with_pieces([*conflict, *(text[:LONGEST] for text in unread)]), with_pieces(everyday)
    vectorizer = CountVectorizer(analyzer=words_of, binary=True, min_df=_RARE)
    texts = conflict + everyday
    lengths = np.array([math.sqrt(max(1, len(words_of(text)))) for text in texts])
    wanted = np.arange(len(texts)) < len(conflict)
    # Both kinds count alike, however many texts there are of each.
    balance = np.where(wanted, len(everyday) / len(conflict), 1.0)
    model = LogisticRegression(C=_STRENGTH, max_iter=500)
    features = vectorizer.fit_transform(texts).multiply(1 / lengths[:, None]).tocsr()
    model.fit(features, wanted, sample_weight=balance)
    weights = dict(zip(vectorizer.get_feature_names_out().tolist(), model.coef_[0].tolist(), strict=True))
    told = {word: weight for word, weight in weights.items() if abs(weight) > _TELLING}
    np.savez_compressed(
        path,
        words=np.array("\n".join(told)),
        weights=np.array(list(told.values()), dtype=np.float16),
        offset=np.array(model.intercept_[0]),
    )
    return len(told)


def texts_of(examples: Iterable[Example]) -> tuple[list[str], list[str]]:
    """Return the beginnings of the texts of conflict, and of the everyday ones, put together from their sentences."""
    texts: dict[tuple[str, str], str] = defaultdict(str)
    for example in examples:
        key = (example.source, example.document)
        if example.source in (*REAL, *INVENTED, EVERYDAY) and len(texts[key]) < LONGEST:
            texts[key] += f"{example.sentence}\n"
    return (
        [text for (source, _), text in texts.items() if source != EVERYDAY],
        [text for (source, _), text in texts.items() if source == EVERYDAY],
    )


def with_pieces(texts: Iterable[str]) -> list[str]:
    """Return ``texts``, and the first two pieces of each that is longer than one."""
    return [part for text in texts for part in (text, *_pieces(text))]


def _pieces(text: str) -> Iterator[str]:
    for start in (0, _PIECE):
        if len(text) >= start + 1.5 * _PIECE:
            yield text[start : start + _PIECE]
