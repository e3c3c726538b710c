"""``brinkwatch extract``: text in, one JSON object per article out; no warehouse, no network, no Prefect."""

import json
import logging
import sys
from typing import Annotated

import typer

from extractors.records import Signals
from flows.documents import BadDocument, checked_paths, read_documents
from flows.settings import load_settings

log = logging.getLogger(__name__)


def extract(
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="A .txt document, a .jsonl of articles, a folder of either, or - (stdin: either)."),
    ] = None,
) -> None:
    """Print the signals of each article as one JSON object per line, in input order.

    Example: brinkwatch extract seeds/articles | jq '.statements[] | {speaker, kind, quote}'
    """
    from extractors.pipeline import build_extractor

    settings = load_settings()
    wanted = checked_paths(paths) if paths else [settings.seeds / "articles"]
    extractor = build_extractor(settings.seeds)
    bad = 0
    for document in read_documents(wanted):
        if isinstance(document, BadDocument):
            bad += 1
            print(f"{document.where}: {document.why}", file=sys.stderr)
            continue
        try:
            signals = extractor.extract(document)
        except Exception:
            # a bug costs the article that triggers it, with a traceback, and not the articles after it
            log.exception("article %s cannot be read", document.id)
            bad += 1
            signals = Signals(article=document.id)
        line = json.dumps(signals.as_json(), ensure_ascii=False)
        sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace") + b"\n")
        sys.stdout.buffer.flush()
    if bad:
        raise typer.Exit(1)
