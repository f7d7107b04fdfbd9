"""One worker process against two: checks a second of large pages that all changed, or of pages in a browser.

usage: python -m benchmarks.workers postgresql://USER@HOST/DATABASE [--browser] [--documents N] [--rounds N]

The database is to be empty; it is left with what was checked. Rounds with one and with two workers take
turns, and every page differs from what it was in the round before. Large ones are 250 KB of terms, so that a
check is reading and judging; those for the browser are written by a script, from a site that answers after a
second. On a machine that is busy the processor time of a page tells whether two workers do more than one.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

from monitor.model import Watchlist
from monitor.store import Store
from monitor.watchlist import load_watchlist
from monitor.wiring import clock

HOSTS = 16
PARAGRAPHS = 1500
LATENCY = 1.0  # seconds, of the pages for the browser

HEAD = """\
[defaults]
every = "12h"
delay = "0s"
confirm = "off"
robots = false
render = "{render}"
allow_addresses = ["127.0.0.0/8"]
[providers.acme]
name = "Acme"
"""
DOCUMENT = '[providers.acme.documents.d{number}]\ntype = "Terms of Service"\nurl = "{url}"\n'

SENTENCES = (
    "You keep all rights in the material that you send to the service under order {0}.",
    "We delete what you send within {0} days, unless a law obliges us to keep it for longer.",
    "We do not use what you send to train our models unless you agree to that in annex {0}.",
    "Invoices are due {0} days after they were sent, without deduction.",
    "Neither side answers for lost profit beyond the fees of {0} months.",
    "We tell you of a breach of security within {0} hours after we learnt of it.",
)


def text(document: int, edition: int, paragraphs: int) -> Iterator[str]:
    """The paragraphs of a document; in each edition another twentieth of them is worded anew."""
    chance = random.Random(document)
    for number in range(paragraphs):
        section = f"{number}. " + " ".join(
            one.format(chance.randint(1, 900)) for one in chance.sample(SENTENCES, 2)
        )
        changed = number % 20 == edition % 20
        yield f"{section} This is as agreed in edition {edition} of {number}." if changed else section


def page(document: int, edition: int, *, written: bool) -> bytes:
    """A large page, or a short one that its script writes."""
    body = "".join(f"<p>{one}</p>" for one in text(document, edition, 60 if written else PARAGRAPHS))
    if written:
        body = f"<div id=terms></div><script>document.getElementById('terms').innerHTML = `{body}`</script>"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Terms of Service</title></head>'
        f"<body><main><h1>Terms of Service</h1>{body}</main></body></html>"
    ).encode()


# --- the site, a process of its own ------------------------------------------------------------


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    pages: tuple[bytes, ...] = ()
    latency = 0.0


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        number = self.path.strip("/")
        if not number.isdecimal():
            self.send_error(404)
            return
        time.sleep(self.server.latency)
        body = self.server.pages[int(number)]
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def serve(orders: Connection, documents: int, written: bool) -> None:
    """Serve on as many addresses as there are hosts; each number that comes is the next edition."""
    servers = [_Server((f"127.0.0.{place + 1}", 0), _Handler) for place in range(HOSTS)]
    for one in servers:
        one.latency = LATENCY if written else 0.0
        threading.Thread(target=one.serve_forever, daemon=True).start()
    orders.send([one.server_address[1] for one in servers])
    while (edition := orders.recv()) is not None:
        pages = tuple(page(number, edition, written=written) for number in range(documents))
        for one in servers:
            one.pages = pages
        orders.send(len(pages[0]))


@contextmanager
def site(documents: int, written: bool) -> Iterator[Connection]:
    """The site's process, as the other end of its orders."""
    orders, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=serve, args=(theirs, documents, written), daemon=True)
    process.start()
    yield orders
    orders.send(None)
    process.join()


# --- the workers -------------------------------------------------------------------------------


@contextmanager
def workers(number: int, folder: Path, url: str, browser: bool) -> Iterator[None]:
    """So many worker processes that take tickets; they are told to stop at the end."""
    # Two at once keep a core busy; more would let one worker take what the other has time for at the end.
    words = ["--queue", "browser" if browser else "checks", "--concurrency", "2"]
    environment = os.environ | {"MONITOR_DATABASE": url, "MONITOR_LOG": "error"}
    with ExitStack() as stack:
        for _ in range(number):
            command = [sys.executable, "-m", "monitor", "worker", *words]
            process = subprocess.Popen(command, cwd=folder, env=environment)
            stack.callback(process.wait)
            stack.callback(process.terminate)
        yield


def checked(store: Store, watchlist: Watchlist) -> float:
    """Let every document be checked; in how many seconds they all were."""
    since = store.last_number()
    for name in watchlist.documents:
        store.set_next_check(name, clock())
    started = time.monotonic()
    while len(finished := store.pulse(since).finished) < len(watchlist.documents):
        store.defer_due(watchlist.documents, clock(), per_host=watchlist.per_host)
        time.sleep(0.1)
    bad = {one.outcome for one in finished} - {"first", "changed"}
    if bad:
        raise SystemExit(f"checks ended in {', '.join(bad)}; there is nothing to measure in that")
    return time.monotonic() - started


@dataclass
class Took:
    """What the rounds with so many workers took, in seconds; of the processor with starting and baseline."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def of_children() -> float:
    """Seconds of processor that the processes took that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def watch(path: Path, run: int, urls: Sequence[str], browser: bool) -> Watchlist:
    """A watchlist of these addresses, as documents of this run."""
    listed = (DOCUMENT.format(number=f"{run}-{number}", url=one) for number, one in enumerate(urls))
    path.write_text(HEAD.format(render="browser" if browser else "http") + "".join(listed))
    return load_watchlist(path)


def measure(url: str, documents: int, rounds: int, browser: bool) -> dict[int, Took]:
    """What the rounds took, by the number of workers."""
    found = {1: Took(), 2: Took()}
    with tempfile.TemporaryDirectory() as name, site(documents, browser) as orders, Store.open(url) as store:
        ports: Sequence[int] = orders.recv()
        urls = [f"http://127.0.0.{n % HOSTS + 1}:{ports[n % HOSTS]}/{n}" for n in range(documents)]
        path = Path(name) / "watchlist.toml"
        for run in range(2 * rounds):
            # Documents of its own: one that has changed more often takes longer to judge.
            watchlist = watch(path, run, urls, browser)
            number = run % 2 + 1
            before = of_children()
            with workers(number, Path(name), url, browser):
                for edition in (2 * run, 2 * run + 1):  # the first goes to starting, and to the baseline
                    orders.send(edition)
                    size = orders.recv()
                    seconds = checked(store, watchlist)
            found[number].clock.append(seconds)
            found[number].processor.append(of_children() - before)
            print(f"{number} worker(s): {documents / seconds:6.2f} pages a second, of {size:,} bytes")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure one worker process against two.")
    parser.add_argument("url", help="of an empty PostgreSQL database")
    parser.add_argument("--browser", action="store_true", help="pages that a browser shows")
    parser.add_argument("--documents", type=int, default=48)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    found = measure(asked.url, asked.documents, asked.rounds, asked.browser)
    one, two = (statistics.median(found[number].clock) for number in (1, 2))
    of_one, of_two = (min(found[number].processor) / asked.documents / 2 for number in (1, 2))
    kind = "pages in a browser" if asked.browser else "large pages"
    print(
        f"{kind}: {asked.documents / one:.2f} -> {asked.documents / two:.2f} a second, {one / two:.2f} times"
    )
    print(f"processor: {of_one:.2f} and {of_two:.2f} s a page, starting included")
    print(f"load of this machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
