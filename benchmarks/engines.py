"""SQLite beside PostgreSQL: checks recorded by several processes at once, and a whole database copied.

usage: python -m benchmarks.engines postgresql://USER@HOST/DATABASE [--rows 100000] [--checks 300]

The database must be empty, and is left empty; its user must own it. Every process records checks of documents
of its own that found nothing changed: what most checks are. The copy is that of `tos-monitor db copy`, there
and back, of so many checks, with 20 MB of captures beside them.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory

from sqlalchemy import insert, inspect

from monitor.model import Block, BlockKind, Capture, First, Page, Unchanged, Version
from monitor.store import Store
from monitor.store.engine import connect, disposing, reading, writing
from monitor.store.tables import checks

START = datetime(2026, 1, 1, tzinfo=UTC)
STEP = timedelta(hours=12)
DOCUMENTS = 100
PROCESSES = (1, 2, 4)
LAUNCH = """
import os, sys
silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=silent)
_, status, usage = os.wait4(pid, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("server")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--checks", type=int, default=300)
    options = parser.parse_args()
    refuse_filled(options.server)
    with TemporaryDirectory() as folder:
        places = {"SQLite": f"sqlite:///{folder}/checks.db", "PostgreSQL": options.server}
        for name, url in places.items():
            for processes in PROCESSES:
                print_rate(name, url, processes, options.checks)
        empty(options.server)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            pool.apply(fill, (f"sqlite:///{folder}/full.db", options.rows))
        print_copy("SQLite to PostgreSQL", f"{folder}/full.db", options.server, options.rows)
        print_copy("PostgreSQL to SQLite", options.server, f"{folder}/back.db", options.rows)
        empty(options.server)


# --- checks ------------------------------------------------------------------------------------


def print_rate(name: str, url: str, processes: int, number: int) -> None:
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        pool.map(first_look, [(url, process) for process in range(processes)], chunksize=1)
        started = time.perf_counter()
        cpu = sum(pool.map(look_again, [(url, process, number) for process in range(processes)], chunksize=1))
        wall = time.perf_counter() - started
    every = processes * number
    print(
        f"{name:12} {processes} processes: {every / wall:7.0f} checks/s, {1000 * cpu / every:.2f} ms CPU each"
    )


def first_look(task: tuple[str, int]) -> None:
    """Give a process's document its first version, before the clock runs."""
    url, process = task
    with Store.open(url, now=START) as store:
        if store.known(f"acme/{process}") is None:
            begin(store, f"acme/{process}")


def look_again(task: tuple[str, int, int]) -> float:
    """Record checks that found nothing changed; the seconds of processor that they took here."""
    url, process, number = task
    document = f"acme/{process}"
    with Store.open(url, now=START) as store:
        before = time.process_time()
        for turn in range(1, number + 1):
            at = START + turn * STEP
            store.claim(document, by="a process", now=at, until=at)
            outcome = Unchanged(document=document, at=at, capture=capture(document, at))
            store.record(outcome, next_check=at + STEP, started=at)
        return time.process_time() - before


def begin(store: Store, document: str, body: bytes = b"") -> None:
    taken = capture(document, START, body)
    page = Page(blocks=(Block(BlockKind.PARAGRAPH, f"We keep what you send to {document} for 30 days."),))
    version = Version(
        document=document,
        at=START,
        page=page,
        fingerprint=document,
        extractor="1",
        reader="plain",
        capture_sha256=taken.sha256,
        url=taken.final_url,
    )
    first = First(document=document, at=START, capture=taken, version=version)
    store.record(first, next_check=START + STEP, started=START)


def capture(document: str, at: datetime, body: bytes = b"") -> Capture:
    url = f"https://acme.example/{document}"
    return Capture(url=url, final_url=url, status=200, headers=(), body=body or document.encode(), at=at)


# --- a copy ------------------------------------------------------------------------------------


def fill(url: str, rows: int) -> None:
    """Documents with a capture of 200 KB that no compression makes smaller, and so many checks of them."""
    with Store.open(url, now=START) as store:
        for number in range(DOCUMENTS):
            begin(store, f"acme/{number}", os.urandom(200_000))
    engine = connect(url)
    with disposing(engine), writing(engine) as connection:
        connection.execute(insert(checks), list(rows_of_checks(rows)))


def rows_of_checks(rows: int) -> Iterator[dict[str, object]]:
    for number in range(rows):
        turn, document = divmod(number, DOCUMENTS)
        at = START + turn * STEP
        yield {"document": f"acme/{document}", "at": at, "started": at, "outcome": "unchanged", "version": 1}


def print_copy(name: str, source: str, target: str, rows: int) -> None:
    started = time.perf_counter()
    memory = peak(["-m", "monitor", "db", "copy", source, target])
    wall = time.perf_counter() - started
    print(
        f"{name}: {rows:,} rows of checks in {wall:.1f} s, {rows / wall:,.0f} rows/s,"
        f" at most {memory:.0f} MB ({peak(['-m', 'monitor', 'db', 'copy', '--help']):.0f} for --help)"
    )


def peak(arguments: list[str]) -> float:
    """The most memory that a command took, in MB; asked of a small process, whose own would count as well."""
    done = subprocess.run(
        [sys.executable, "-S", "-c", LAUNCH, sys.executable, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return int(done.stdout.splitlines()[-1]) / 1024


def empty(url: str) -> None:
    """Drop what the benchmark made, the queue's tables with it."""
    engine = connect(url)
    with disposing(engine), writing(engine) as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")


def refuse_filled(url: str) -> None:
    engine = connect(url)
    with disposing(engine), reading(engine) as connection:
        if inspect(connection).get_table_names():
            raise SystemExit("there is something in that database, which would be dropped; name an empty one")


if __name__ == "__main__":
    main()
