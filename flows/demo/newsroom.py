"""The invented press on loopback: one feed per outlet, with what it has published by the hour of the demo."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from flows.demo.press import OUTLETS, Outlet, Report

KEPT = 40
"""Most entries in a feed, as in most real ones."""


@dataclass
class Press:
    """All outlets, and the present time in the demo."""

    reports: Sequence[Report]
    now: datetime
    address: str = ""

    def published(self, outlet: str) -> list[Report]:
        """Return what an outlet has published by now, newest first."""
        out = [report for report in self.reports if report.outlet.id == outlet and report.published <= self.now]
        return out[::-1][:KEPT]

    def answer(self, path: str) -> tuple[str, str] | None:
        """Return content type and body of the resource at ``path``; None if there is none."""
        outlet, _, page = path.strip("/").partition("/")
        if page == "feed.xml" and outlet in {each.id for each in OUTLETS}:
            return "application/rss+xml", self._feed(outlet)
        found = next((report for report in self.published(outlet) if report.path == path), None)
        return ("text/html", _page(found)) if found else None

    def _feed(self, outlet: str) -> str:
        items = "".join(
            f"<item><title>{escape(each.title)}</title><link>{self.address}{each.path}</link><guid>{each.path}</guid>"
            f"<pubDate>{format_datetime(each.published)}</pubDate>"
            f"<description>{escape(_paragraphs(each))}</description></item>"
            for each in self.published(outlet)
        )
        head = f"<title>{outlet}</title><link>{self.address}/{outlet}</link><description>invented</description>"
        return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{items}</channel></rss>'

    def feeds_csv(self) -> str:
        """Return the feed list of this press."""
        header = "id,outlet,url,country,ownership,language,genre,kind,seen_at"
        return "\n".join([header, *map(self._line, OUTLETS), ""])

    def _line(self, outlet: Outlet) -> str:
        url = f"{self.address}/{outlet.id}/feed.xml"
        return f"{outlet.id},{outlet.name},{url},{outlet.country},{outlet.ownership},en,news,press,invented"


def _paragraphs(report: Report) -> str:
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in report.text.split("\n\n"))


def _page(report: Report) -> str:
    title = escape(report.title)
    return f"<html><head><title>{title}</title></head><body><article>{_paragraphs(report)}</article></body></html>"


@contextmanager
def serving(press: Press) -> Iterator[None]:
    """Serve the press on a free port of loopback until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = press.answer(self.path) or ("text/plain", "")
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            data = body.encode()
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_args: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    press.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
