"""A bucket of S3 on loopback: as much of the protocol as writes, reads, lists and deletes objects."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

KEY = "AKIALOOPBACK"
BUCKET = "desk"


@dataclass
class Bucket:
    """What lies in the bucket, by key: the kind of each object, and its content."""

    objects: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    parts: dict[tuple[str, int], bytes] = field(default_factory=dict)
    """Of uploads that are not complete, by key and number."""
    puts: list[str] = field(default_factory=list)
    """The keys that were written, in their order."""
    fails_after: int | None = None
    """How many more objects it takes before it refuses."""
    environment: dict[str, str] = field(default_factory=dict)


@contextmanager
def bucket() -> Iterator[Bucket]:
    """Run a bucket; ``environment`` holds what a client needs."""
    held = Bucket()
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"bucket": held})) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        held.environment = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_address[1]}",
            "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": "very-secret", "AWS_REGION": "us-east-1",
        }  # fmt: skip
        yield held
        server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    bucket: Bucket
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if part := parse_qs(urlsplit(self.path).query).get("partNumber"):
            self.bucket.parts[self.key, int(part[0])] = body
            self.answer(200, b"", ETag='"1"')
            return
        if self.bucket.fails_after == 0:
            self.answer(403, _error("AccessDenied"))
            return
        if self.bucket.fails_after:
            self.bucket.fails_after -= 1
        self.bucket.puts.append(self.key)
        self.bucket.objects[self.key] = (self.headers["Content-Type"], body)
        self.answer(200, b"", ETag='"1"')

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        if f"Credential={KEY}/" not in self.headers.get("Authorization", ""):
            self.answer(403, _error("AccessDenied"))
        elif "list-type" in query:
            self.answer(200, self.listed(query.get("prefix", [""])[0]))
        elif self.key in self.bucket.objects:
            self.answer_with(self.bucket.objects[self.key][1])
        else:
            self.answer(404, _error("NoSuchKey"))

    def do_HEAD(self) -> None:
        self.do_GET()

    def answer_with(self, body: bytes) -> None:
        """Answer with all of an object, or with the range of it that was asked for."""
        headers = {"ETag": '"1"', "Last-Modified": _DATE, "Accept-Ranges": "bytes"}
        if not (asked := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))):
            self.answer(200, body, **headers)
            return
        first, last = int(asked[1]), min(int(asked[2] or len(body)), len(body) - 1)
        headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
        self.answer(206, body[first : last + 1], **headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        asked = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        if "uploads" in asked:
            self.answer(200, b"<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>")
            return
        if "uploadId" in asked:
            numbers = sorted(number for key, number in self.bucket.parts if key == self.key)
            whole = b"".join(self.bucket.parts.pop((self.key, number)) for number in numbers)
            self.bucket.objects[self.key] = ("", whole)
            self.answer(200, b"<CompleteMultipartUploadResult></CompleteMultipartUploadResult>")
            return
        keys = re.findall(r"<Key>(.*?)</Key>", body)
        for key in keys:
            self.bucket.objects.pop(key, None)
        gone = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        self.answer(200, f"<DeleteResult>{gone}</DeleteResult>".encode())

    @property
    def key(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix(f"/{BUCKET}/")

    def listed(self, prefix: str) -> bytes:
        rows = "".join(
            f"<Contents><Key>{key}</Key><Size>1</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
            for key in sorted(self.bucket.objects)
            if key.startswith(prefix)
        )
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>".encode()

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


_DATE = "Thu, 01 Jan 2026 00:00:00 GMT"


def _error(code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>refused</Message></Error>".encode()
