"""Labels of published sentences without their words: hashes, and offsets from where each sentence begins.

One line of ``data/labels.jsonl`` for each sentence that a careful reader judged in its context: where it begins in its
document, its hash, and what was found in it; one without findings is a negative, but where only transfers were judged
(``"judged": "transfers"``) it says nothing of statements. Whoever holds the texts gets the same examples back.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace

from extractors.reader.passages import Span
from extractors.text.boundaries import fingerprint
from extractors.training.data import Document, Example, Party, Said, Told, examples_of
from extractors.training.findings import Row, nearest, said_of, told_of


def labels_of(documents: Sequence[Document], *, shown: Iterable[int], findings: Iterable[Row]) -> Iterator[Row]:
    """Yield a label for each sentence that was ``shown``, with what was found in it.

    Sentences are numbered through all ``documents``, as in the batches that readers were given; a finding bears the
    number of its sentence as ``s``. ValueError names the first one whose words are not there.
    """
    places = [(document, span) for document in documents for span in document.sentences]
    found: dict[int, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for finding in findings:
        document, sentence = places[finding["s"]]
        key, label = _label(document.text, finding, sentence)
        found[finding["s"]][key].append(label)
    for number in sorted(shown):
        document, (start, end) = places[number]
        judged = fingerprint(document.text[start:end])
        yield {"document": document.id, "start": start, "sentence": judged, **found.get(number, {})}


def _label(text: str, finding: Row, sentence: Span) -> tuple[str, Row]:
    start = sentence[0]
    if finding["t"] == "s":
        who = {"speaker": finding["speaker"], "side": finding["side"]}
        return "said", who | asdict(_shifted_said(said_of(text, finding, sentence), -start))
    told = told_of(text, finding, nearest(text, finding["evidence"], sentence))
    if told is None:
        raise ValueError(f"sentence {finding['s']}: its text lacks {finding['evidence']!r}")
    return "told", asdict(_shifted_told(told, -start))


def labelled(documents: Iterable[Document], labels: Iterable[Row]) -> Iterator[Example]:
    """Yield the examples of the sentences that were labelled."""
    known: dict[str, dict[int, Row]] = defaultdict(dict)
    for label in labels:
        known[label["document"]][label["start"]] = label
    for document in documents:
        if document.id in known:
            yield from _labelled(document, known[document.id])


def _labelled(document: Document, labels: dict[int, Row]) -> Iterator[Example]:
    judged = {
        at: labels[start]
        for at, (start, end) in enumerate(document.sentences)
        if start in labels and labels[start]["sentence"] == fingerprint(document.text[start:end])
    }
    starts = {at: document.sentences[at][0] for at in judged}
    said = {at: [_said(row, starts[at]) for row in label.get("said", ())] for at, label in judged.items()}
    told = [_told(row, starts[at]) for at, label in judged.items() for row in label.get("told", ())]
    examples = examples_of(document, said=said, told=told)
    return (
        replace(examples[at], kind="optional") if label.get("judged") == "transfers" else examples[at]
        for at, label in judged.items()
    )


def _said(row: Row, start: int) -> Said:
    known = {key: value for key, value in row.items() if key not in ("speaker", "side")}
    return _shifted_said(Said(**known), start)


def _told(row: Row, start: int) -> Told:
    parties = {role: Party(**row[role]) for role in ("supplier", "recipient")}
    return _shifted_told(Told(**{**row, **parties}), start)


def _shifted_said(said: Said, by: int) -> Said:
    spans = {role: tuple(_shifted(span, by) for span in spans) for role, spans in said.spans.items()}
    return replace(said, spans=spans)


def _shifted_told(told: Told, by: int) -> Told:
    return replace(
        told,
        weapon=_shifted(told.weapon, by),
        evidence=_shifted(told.evidence, by),
        supplier=_shifted_party(told.supplier, by),
        recipient=_shifted_party(told.recipient, by),
    )


def _shifted_party(party: Party, by: int) -> Party:
    return replace(party, span=_shifted(party.span, by) if party.span else None)


def _shifted(span: Span, by: int) -> Span:
    return span[0] + by, span[1] + by
