"""Programs that share one PostgreSQL: a scheduler, workers, and the sites that they watch."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from monitor.store import Store
from tests.conftest import Answer, Site
from tests.postgres import Postgres
from tests.program import COMMAND

PATIENCE = 120.0
"""Seconds for which a condition is waited for: machines that run tests are busy."""

HEARTBEAT = "4"

DEFAULTS = """\
[defaults]
every = "{every}"
jitter = "0s"
delay = "{delay}"
render = "http"
confirm = "off"
robots = false
allow_addresses = ["127.0.0.0/8"]
[providers.acme]
name = "Acme"
"""
DOCUMENT = """\
[providers.acme.documents.{name}]
type = "Terms of Service"
url = "{url}"
render = "{render}"
"""
CHANNEL = """\
[notify.hook]
kind = "webhook"
url = "{url}"
"""


def until(what: str, holds: Callable[[], object], *, seconds: float = PATIENCE) -> None:
    """Return once it holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.05)


class TimedSite(Site):
    """A site that notes when each request came, and when its answer began."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.times: list[tuple[str, float, float]] = []
        self._since: dict[int, float] = {}

    def arrive(self, path: str) -> Answer:
        self._since[threading.get_ident()] = time.monotonic()
        return super().arrive(path)

    def leave(self, path: str, status: int) -> None:
        super().leave(path, status)
        self.times.append((path, self._since[threading.get_ident()], time.monotonic()))


@contextmanager
def sites(number: int) -> Iterator[list[TimedSite]]:
    """So many sites, each a host of its own."""
    with ExitStack() as stack:
        yield [stack.enter_context(_served(f"127.0.0.{place + 1}")) for place in range(number)]


@contextmanager
def _served(host: str) -> Iterator[TimedSite]:
    site = TimedSite(host)
    thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        for answer in site.pages.values():
            if answer.hold:
                answer.hold.set()
        site.shutdown()
        site.server_close()
        thread.join()


class Fleet:
    """The installed command, started often over one database; what it says goes to a file each."""

    def __init__(self, folder: Path, postgres: Postgres, url: str) -> None:
        self.folder = folder
        self.postgres = postgres
        self.url = url
        self.running: list[Running] = []
        self.names: list[str] = []

    def watch(
        self,
        urls: dict[str, str],
        *,
        every: str = "12h",
        delay: str = "0s",
        shown: tuple[str, ...] = (),
        more: str = "",
    ) -> None:
        documents = (
            DOCUMENT.format(name=name, url=url, render="browser" if name in shown else "http")
            for name, url in urls.items()
        )
        self.names = list(urls)
        text = DEFAULTS.format(every=every, delay=delay) + "".join(documents) + more
        (self.folder / "watchlist.toml").write_text(text)

    def start(self, *words: str) -> Running:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MONITOR_")}
        more = {"MONITOR_DATABASE": self.url, "MONITOR_HEARTBEAT": HEARTBEAT, "MONITOR_TIMEOUT": "30"}
        log = self.folder / f"{len(self.running)}-{words[0]}.log"
        with log.open("wb") as said, log.with_suffix(".out").open("wb") as printed:
            process = subprocess.Popen(
                [COMMAND, *words],
                cwd=self.folder,
                env=kept | more,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=said,
            )
        self.running.append(Running(process, log))
        return self.running[-1]

    def worker(self, *words: str) -> Running:
        """A worker that takes tickets."""
        one = self.start("worker", *words)
        until("a worker is there", lambda: one.process.poll() is not None or "started" in one.said)
        assert one.process.poll() is None, one.said
        return one

    def scheduler(self) -> Running:
        return self.start("daemon", "--dispatch", "queue")

    def run(self, *words: str) -> Running:
        """A program that ends by itself, ended."""
        one = self.start(*words)
        one.process.wait(PATIENCE)
        return one

    def end(self) -> None:
        for one in self.running:
            one.kill()

    @contextmanager
    def store(self) -> Iterator[Store]:
        with Store.open(self.url) as opened:
            yield opened

    # --- what the database says ---

    def ask(self, statement: str) -> list[tuple]:
        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            return connection.execute(statement).fetchall()

    def checks(self) -> dict[str, int]:
        """How many checks each document had."""
        return dict(self.ask("SELECT document, count(*) FROM checks GROUP BY document"))

    def outcomes(self) -> dict[str, list[str]]:
        """What the checks of each document ended in, in order."""
        found: dict[str, list[str]] = {}
        for document, outcome in self.ask("SELECT document, outcome FROM checks ORDER BY id"):
            found.setdefault(document, []).append(outcome)
        return found

    def all_checked(self, times: int) -> None:
        """Wait until every document was checked so often and nothing is left to do; none was more often."""
        wanted = [f"acme/{name}" for name in self.names]

        def done() -> bool:
            checks = self.checks()
            assert max(checks.values(), default=0) <= times, self.story()
            return all(checks.get(name) == times for name in wanted) and self.jobs() == 0

        try:
            until("all were checked", done)
        except AssertionError as error:
            raise AssertionError(self.story()) from error
        assert self.ask("SELECT id FROM documents WHERE claimed_by IS NOT NULL") == []

    def story(self) -> str:
        """What all programs said, for whoever wonders."""
        logs = (f"--- {one.name}\n{one.said}" for one in self.running)
        rows = self.ask("SELECT id, queueing_lock, status, attempts, worker_id FROM procrastinate_jobs")
        return "\n".join([str(self.checks()), *map(str, rows), *logs])

    def make_due(self) -> None:
        """Let every document be due now."""
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        self.ask(f"UPDATE documents SET next_check = '{now}' RETURNING id")

    def jobs(self) -> int:
        return self.ask("SELECT count(*) FROM procrastinate_jobs")[0][0]


class Running:
    """A program that was started."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self.name = log.stem
        self._log = log

    @property
    def said(self) -> str:
        return self._log.read_text(errors="replace")

    @property
    def printed(self) -> str:
        return self._log.with_suffix(".out").read_text(errors="replace")

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def stop(self) -> int:
        """Tell it to stop, and wait until it did; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@contextmanager
def fleet(folder: Path, postgres: Postgres, url: str) -> Iterator[Fleet]:
    made = Fleet(folder, postgres, url)
    try:
        yield made
    finally:
        made.end()
