"""Writing the site into a bucket of S3, or of anything that speaks its protocol, by way of obstore.

Credentials, region and endpoint come from the environment under the names that every S3 client knows (``AWS_…``).
"""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from alerts.report.content import Content
from alerts.report.site_writer import MARKER, ReportFolderError, files

SCHEME = "s3://"
_LAST = ("alerts.xml", "index.html")
"""Written when all else is there: what they lead to must not be missing."""
_KINDS = {"html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "xml": "application/atom+xml"}


def write_bucket(content: Content, address: str, *, made_of: str = "") -> list[str]:
    """Write the site under ``s3://bucket/prefix``, which is empty or an earlier report; return the names of its files.

    A list of them lies there too: what an earlier report had and this one has not is deleted, and nothing else is.
    Raises ReportFolderError for a prefix of something else, and where nothing can be written.
    """
    site = dict(files(content))
    del site[MARKER]
    with _opened(address) as store:
        before = _manifest(store)
        if before is None and _holds_anything(store):
            raise ReportFolderError(f"{address} holds other objects; name an empty prefix for the report")
        known = before["files"] if before else []
        _record(store, {*known, *site}, made_of="")
        for name in sorted(site, key=lambda name: (name in _LAST, name)):
            _put(store, name, site[name])
        _delete(store, [name for name in known if name not in site])
        _record(store, site, made_of=made_of)
    return sorted(site)


def bucket_made_of(address: str) -> str:
    """Return what the report there was made of, as ``write_bucket`` was told; empty where there is none."""
    with _opened(address) as store:
        found = _manifest(store)
    return str(found["made_of"]) if found else ""


@contextmanager
def _opened(address: str) -> Iterator[S3Store]:
    plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")  # only where the operator says so
    try:
        yield S3Store.from_url(
            address,
            client_options={"timeout": "30s", "connect_timeout": "10s", "allow_http": plain},
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=60)},
        )
    except BaseError as error:
        raise ReportFolderError(f"{address} cannot be written: {str(error).splitlines()[0][:300]}") from error


def _manifest(store: S3Store) -> dict[str, Any] | None:
    """Return the list of files of the report there; None where there is no report."""
    try:
        text = bytes(obstore.get(store, MARKER).bytes())
    except (NotFoundError, FileNotFoundError):
        return None
    try:
        found = json.loads(text)
        return {"files": [str(name) for name in found["files"]], "made_of": found["made_of"]}
    except (ValueError, KeyError, TypeError) as error:
        raise ReportFolderError(f"{MARKER} in the bucket is none of ours") from error


def _holds_anything(store: S3Store) -> bool:
    return any(batch for batch in obstore.list(store, chunk_size=1))


def _record(store: S3Store, names: Iterable[str], *, made_of: str) -> None:
    """Say which files are the report's: before one is written, and again when others are gone."""
    obstore.put(store, MARKER, json.dumps({"made_of": made_of, "files": sorted(names)}).encode())


def _put(store: S3Store, name: str, text: str) -> None:
    kind = _KINDS.get(name.rpartition(".")[2], "application/octet-stream")
    obstore.put(store, name, text.encode(), attributes={"Content-Type": kind, "Cache-Control": "max-age=300"})


def _delete(store: S3Store, names: Sequence[str]) -> None:
    if names:
        obstore.delete(store, names)
