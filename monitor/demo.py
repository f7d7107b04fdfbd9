"""The demonstration: two generations of our own pages on a loopback port, checked twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from threading import Thread

CASES = (
    "aurora/training-by-default",
    "aurora/new-address",
    "borealis/longer-retention",
    "cirrus/only-noise",
    "dune/challenge-page",
)

WATCHLIST = """\
# The demonstration's watchlist: four providers that do not exist.
[defaults]
render = "http"
every = "12h"
delay = "0s"
confirm = "refetch"
confirm_after = "0s"
allow_addresses = ["127.0.0.0/8"]

[providers.aurora]
name = "Aurora"
[providers.aurora.documents.commercial-terms]
type = "Commercial Terms"
url = "{site}/aurora/training-by-default"
[providers.aurora.documents.notices]
type = "Legal Notice"
url = "{site}/aurora/new-address"
[providers.aurora.products.api]
name = "Aurora API"
audience = "api"
documents = ["commercial-terms", "notices"]
models = ["aurora-*"]
clarity = "high"
training = {{ position = "no", verified = {verified}, source = "demonstration" }}
retention = {{ position = "silent", verified = {verified}, source = "demonstration" }}

[providers.borealis]
name = "Borealis"
[providers.borealis.documents.retention]
type = "Data Usage Policy"
url = "{site}/borealis/longer-retention"
[providers.borealis.products.api]
name = "Borealis API"
audience = "api"
documents = ["retention"]
clarity = "high"
retention = {{ position = "period", period = "30 days", verified = {verified}, source = "demonstration" }}

[providers.cirrus]
name = "Cirrus"
[providers.cirrus.documents.privacy-policy]
type = "Privacy Policy"
url = "{site}/cirrus/only-noise"
[providers.cirrus.products.assistant]
name = "Cirrus Assistant"
audience = "consumer"
documents = ["privacy-policy"]
training = {{ position = "opt-in", verified = {verified}, source = "demonstration" }}

[providers.dune]
name = "Dune"
[providers.dune.documents.terms]
type = "Terms of Service"
url = "{site}/dune/challenge-page"
[providers.dune.products.app]
name = "Dune App"
audience = "consumer"
documents = ["terms"]
depends_on = ["borealis/api"]
training = {{ position = "opt-out", verified = {verified}, source = "demonstration" }}
retention = {{ position = "period", period = "30 days", verified = {verified}, source = "demonstration" }}
"""


class Site(ThreadingHTTPServer):
    """Serves each case's page "before", and "after" once `generation` says so; knows ETags."""

    generation = "before"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        case = self.path.strip("/")
        if case not in CASES:
            self.send_error(404)
            return
        body = _page(case, self.server.generation)
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == etag:
            self.send_response(304)
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the demonstration's output is the report."""


@contextmanager
def site() -> Iterator[Site]:
    """The demonstration's web site, on a free loopback port."""
    server = Site(("127.0.0.1", 0), _Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def write_watchlist(folder: Path, url: str, verified: date) -> Path:
    """The demonstration's watchlist, for a site at this URL, with claims verified on this day."""
    path = folder / "watchlist.toml"
    path.write_text(WATCHLIST.format(site=url, verified=verified), encoding="utf-8")
    return path


def _page(case: str, generation: str) -> bytes:
    return _pages().joinpath(case, f"{generation}.html").read_bytes()


def _pages() -> Traversable:
    """The fixture pages: package data of an installed wheel, the repository's in an editable install."""
    package = files("monitor")
    installed = package.joinpath("data", "pages")
    return installed if installed.is_dir() else package.joinpath("..", "fixtures", "pages")
