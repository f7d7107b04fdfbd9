"""What many tests need: a fixed time, rules, a store, a site that can be told to change."""

from __future__ import annotations

import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from monitor.statements.rules import Rules, load_rules
from monitor.store import Store

if TYPE_CHECKING:
    from tests.postgres import Postgres

# A shared machine may be slow for a moment; a property holds or not however long it takes.
hypothesis.settings.register_profile("monitor", deadline=None)
hypothesis.settings.load_profile("monitor")

# Whoever works with this program has its settings in the shell; no test may write into their database.
for name in [name for name in os.environ if name.startswith("MONITOR_")]:
    del os.environ[name]

FIXTURES = Path(__file__).parent.parent / "fixtures" / "pages"


@pytest.fixture
def at() -> datetime:
    return datetime(2026, 5, 5, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def rules() -> Rules:
    return load_rules()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of this test process, with a database that is at this program's schema."""
    from tests.postgres import start_postgres  # its driver takes 0.1 s  # noqa: PLC0415

    server = start_postgres()
    try:
        server.run("CREATE DATABASE emptied")
        Store.open(server.url_of("emptied")).close()
        yield server
    finally:
        server.remove()


# What keeps, sends or takes turns is tried on both engines; what only passes through the store on one.
ON_BOTH = re.compile(r"tests\.test_(store_|notices|notify_|ledger|wiring)")


def pytest_configure() -> None:
    # What a shell starts in the background ignores SIGINT, and so would the programs that tests interrupt.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_generate_tests(metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        both = ON_BOTH.match(metafunc.module.__name__)
        metafunc.parametrize("engine", ["sqlite", "postgresql"] if both else ["sqlite"])


@pytest.fixture
def database(engine, request, tmp_path) -> str:
    """The URL of a database with nothing in it."""
    if engine == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    server = request.getfixturevalue("postgres")
    server.empty("emptied")
    return server.url_of("emptied")


@pytest.fixture
def store(database, at) -> Iterator[Store]:
    with Store.open(database, now=at) as opened:
        yield opened


@dataclass
class Answer:
    """What the site says at a path."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None  # answers only once this is set


class Site(ThreadingHTTPServer):
    """A small real web site: `pages` may be changed at any time, `seen` counts what was asked for."""

    daemon_threads = True

    def __init__(self, host: str = "127.0.0.1") -> None:
        super().__init__((host, 0), _Handler)
        self.pages: dict[str, Answer] = {}
        self.later: dict[str, list[Answer]] = {}
        self.seen: list[tuple[str, int]] = []
        self.arrived: list[str] = []
        self.arrival = threading.Condition()
        self.open: Counter[str] = Counter()
        self.most_at_once = 0

    @property
    def url(self) -> str:
        return "http://{}:{}".format(*self.server_address)

    def put(self, path: str, body: str | bytes, **more) -> None:
        self.pages[path] = Answer(body.encode() if isinstance(body, str) else body, **more)

    def then(self, path: str, body: bytes) -> None:
        """What the site says at a path from the next request but one on."""
        self.later.setdefault(path, []).append(Answer(body))

    def wait_for(self, path: str, times: int = 1) -> None:
        """Wait until a path was asked for that often."""
        with self.arrival:
            assert self.arrival.wait_for(lambda: self.arrived.count(path) >= times, timeout=30), path

    def arrive(self, path: str) -> Answer:
        with self.arrival:
            self.arrived.append(path)
            self.open[path] += 1
            self.most_at_once = max(self.most_at_once, self.open[path])
            self.arrival.notify_all()
            answer = self.pages.get(path, Answer(status=404))
            if self.later.get(path):
                self.pages[path] = self.later[path].pop(0)
            return answer

    def leave(self, path: str, status: int) -> None:
        with self.arrival:
            self.open[path] -= 1
            self.seen.append((path, status))

    def asked(self, path: str) -> list[int]:
        """The statuses that were answered for a path, in order."""
        return [status for name, status in self.seen if name == path]


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        answer = self.server.arrive(self.path)
        if answer.hold:
            answer.hold.wait(timeout=120)
        etag = answer.headers.get("ETag")
        unchanged = etag is not None and self.headers.get("If-None-Match") == etag
        status = 304 if unchanged else answer.status
        self.server.leave(self.path, status)
        self.send_response(status)
        for name, value in {"Content-Type": "text/html; charset=utf-8", **answer.headers}.items():
            self.send_header(name, value)
        if not unchanged:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if not unchanged:
            self.wfile.write(answer.body)

    def log_message(self, format, *args) -> None:
        """Tests print nothing of their own."""


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
