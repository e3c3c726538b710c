"""A small news site on loopback: one feed, its articles whole in the entries, more of them whenever a test says so."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from flows.sources.workers import worker
from flows.sources.workers.pool import ParserPool


@dataclass
class Newsroom:
    """What the site carries now. Texts are (title, body)."""

    address: str = ""
    entries: list[tuple[str, str, datetime]] = field(default_factory=list)
    shows: int = 1_000
    """How many of them the feed holds at once."""
    hub: str = ""
    """Where the feed says its hub is."""
    asked: int = 0
    """How often the feed was asked for."""

    def carry(self, title: str, body: str, *, age: timedelta = timedelta(hours=1)) -> None:
        """Publish one more article."""
        self.entries.append((title, body, datetime.now(UTC) - age))

    def rss(self) -> bytes:
        """Return the feed as it is now, the newest first."""
        items = "".join(
            f"<item><title>{escape(title)}</title><link>{self.address}/{number}</link><guid>{number}</guid>"
            f"<pubDate>{format_datetime(published)}</pubDate><description>{escape(body)}</description></item>"
            for number, (title, body, published) in list(enumerate(self.entries))[: -self.shows - 1 : -1]
        )
        hub = f'<link xmlns="http://www.w3.org/2005/Atom" rel="hub" href="{self.hub}"/>' if self.hub else ""
        head = f"{hub}<title>Newsroom</title><link>{self.address}</link><description>invented</description>"
        return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{items}</channel></rss>'.encode()

    def page(self, number: int) -> bytes:
        """Return an article's page."""
        title, body, _ = self.entries[number]
        return f"<html><head><title>{title}</title></head><body><article><p>{body}</p></article></body></html>".encode()


@contextmanager
def open_newsroom() -> Iterator[Newsroom]:
    """Serve a newsroom on a free port until the block ends."""
    room = Newsroom()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            number = self.path.strip("/")
            known = number.isdigit() and int(number) < len(room.entries)
            found = self.path == "/feed.xml" or known
            room.asked += self.path == "/feed.xml"
            body = room.rss() if self.path == "/feed.xml" else room.page(int(number)) if known else b"no"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/rss+xml" if self.path == "/feed.xml" else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    room.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield room
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def feeds_csv(room: Newsroom, *, tier: str = "normal") -> str:
    """Return a feed list that holds the newsroom only."""
    header = "id,outlet,url,country,ownership,language,genre,kind,seen_at,tier"
    url = f"{room.address}/feed.xml"
    return f"{header}\nnewsroom,The Newsroom,{url},GB,private,en,news,press,written for this test,{tier}\n"


def seeds_with(room: Newsroom, seeds: Path, folder: Path) -> Path:
    """Make a seeds folder whose lexicons and documents are the checkout's and whose one feed is the newsroom."""
    folder.mkdir()
    for path in seeds.iterdir():
        (folder / path.name).symlink_to(path)
    (folder / "feeds.csv").unlink()
    (folder / "feeds.csv").write_text(feeds_csv(room), encoding="utf-8")
    return folder


@contextmanager
def parsing_here() -> Iterator[None]:
    """Parse in this process: starting one for every poll is most of the time, and is tested with the bad server."""

    async def run(_: ParserPool, job: str, content: bytes, options: dict[str, object]) -> dict[str, object]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return worker.answer({"job": job, "options": options}, content)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ParserPool, "_run", run)
        yield
