"""The process in which hostile documents are parsed: ``python -m flows.sources.workers.worker MEGABYTES SECONDS``.

Reads requests from standard input and answers each on standard output, both as length-prefixed frames: a header of JSON
and the raw document in, JSON out. It holds no secrets, opens no connection, and may be killed at any time (see
``pool``).
"""

import contextlib
import gc
import io
import resource
import signal
import sys
import warnings
from dataclasses import fields
from typing import Any, BinaryIO

from flows.sources.parsing import feeds
from flows.sources.parsing.entries import NotAFeedError
from flows.sources.workers import document
from flows.sources.workers.frames import PREFIX, REPLY, packed, unpacked


def answer(header: dict[str, Any], content: bytes) -> dict[str, Any]:
    """Do one job; a document that cannot be read leads to an answer with ``error``, not to an exception."""
    try:
        if header["job"] == "entries":
            return document.read(content, **header["options"])
        if header["job"] == "feed":
            read = _flat(feeds.read(content, **header["options"]))
            return read | {"entries": [_flat(entry) for entry in read["entries"]]}
        from flows.sources.parsing import fulltext  # noqa: PLC0415  # costs a second and is needed for pages only

        return _flat(fulltext.read(content, **header["options"]))
    except NotAFeedError as error:
        return {"error": "not_a_feed", "reason": str(error)}
    except (MemoryError, RecursionError) as error:
        return {"error": "parser", "reason": f"too much for the parser: {type(error).__name__}"}
    except Exception as error:  # noqa: BLE001  # third-party parsers on hostile input: the document's failure, not ours
        return {"error": "parser", "reason": f"{type(error).__name__}: {error}"[:300]}


def _flat(record: Any) -> dict[str, Any]:
    """Return the fields of a record by name; ``asdict`` would copy each value first."""
    return {field.name: getattr(record, field.name) for field in fields(record)}


def serve(source: BinaryIO, target: BinaryIO, *, seconds: float) -> None:
    """Answer requests until the source ends; SIGPROF ends this process if one takes too much processor time."""
    while prefix := source.read(PREFIX.size):
        header_size, content_size = PREFIX.unpack(prefix)
        header = unpacked(source.read(header_size))
        content = source.read(content_size)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        reply = packed(answer(header, content))
        signal.setitimer(signal.ITIMER_PROF, 0)
        target.write(REPLY.pack(len(reply)) + reply)
        target.flush()


def main() -> None:
    """Set the limits of this process, then serve its parent over the standard streams."""
    megabytes, seconds = int(sys.argv[1]), float(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    gc.freeze()  # what is loaded stays: going through it again and again takes a thirtieth of the time
    target = sys.stdout.buffer
    # anything a parser prints must not end up between the frames
    with contextlib.redirect_stdout(io.StringIO()):
        serve(sys.stdin.buffer, target, seconds=seconds)


if __name__ == "__main__":
    main()
