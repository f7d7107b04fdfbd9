"""What it takes to find what is due, and to check it, as the number of documents in the database grows.

usage: python -m benchmarks.due [--documents 100 100000] [--runs 15]

Each document has one version and ten checks in the database; all but one were checked lately. A process
with an open store measures the processor time of finding which are due (every `check --due`, and the daemon
at each look) and of seeing whether an interval was shortened since (`check --due`), minima; and of checks of
documents from all over the database, one after another, all but their fetches: the median.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sqlite3
import statistics
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import cpu_of
from monitor.check import Parts, check
from monitor.model import Document, Fetched, NotModified, Provider, Validators, Watchlist
from monitor.reader import EXTRACTOR
from monitor.statements.rules import load_rules
from monitor.store import Store
from monitor.wiring import bring_forward

CHECKS = 400
NOW = datetime(2026, 5, 5, 12, tzinfo=UTC)
FILL = """
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :documents)
INSERT INTO {table} SELECT {values} FROM numbers{times}
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, nargs="+", default=[100, 100_000])
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    print(f"minima of {options.runs} runs, median of {CHECKS} checks; milliseconds of processor")
    print(f"{'documents':>10} {'find what is due':>18} {'shortened intervals':>20} {'one due check':>15}")
    for documents in options.documents:
        with TemporaryDirectory() as folder:
            found, shortened, checked = measured(Path(folder, "monitor.db"), documents, options.runs)
        print(f"{documents:10,} {found:18.1f} {shortened:20.1f} {checked:15.2f}")


def measured(file: Path, documents: int, runs: int) -> tuple[float, float, float]:
    """Milliseconds for finding what is due, for shortened intervals, and for one due check."""
    watchlist = watched(documents)
    fill(file, documents, next(iter(watchlist.documents.values())).reader)
    ids = list(watchlist.documents)
    with Store.open(f"sqlite:///{file}") as store:
        assert store.due(ids, NOW) == (ids[-1],)
        found = min(cpu_of(lambda: store.due(ids, NOW)) for _ in range(runs))
        shortened = min(cpu_of(lambda: bring_forward(store, watchlist)) for _ in range(runs))
        chosen = random.Random(1).choices(ids, k=CHECKS)
        times = [NOW + timedelta(seconds=number) for number in range(CHECKS)]
        checks = (
            one_check(store, watchlist, watchlist.documents[name], now)
            for name, now in zip(chosen, times, strict=True)
        )
        checked = statistics.median(checks)
    return 1000 * found, 1000 * shortened, 1000 * checked


def watched(documents: int) -> Watchlist:
    names = [f"site/d{number}" for number in range(1, documents + 1)]
    made = {
        name: Document(id=name, provider="site", type="Terms of Service", url=f"https://{name}.example/")
        for name in names
    }
    return Watchlist(providers={"site": Provider("site", "Site")}, documents=made, products={})


def fill(file: Path, documents: int, reader: str) -> None:
    """The rows of documents that were checked ten times, the last time an hour ago."""
    Store.open(f"sqlite:///{file}").close()
    last, due = (when.isoformat(timespec="microseconds") for when in (NOW - timedelta(hours=1), NOW))
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("INSERT INTO blobs (sha256, size, data) VALUES ('00', 0, x'')")

        def put(table: str, values: dict[str, str], times: str = "") -> None:
            columns = f"{table} ({', '.join(values)})"
            statement = FILL.format(table=columns, values=", ".join(values.values()), times=times)
            connection.execute(statement, {"documents": documents})

        name, at = "'site/d' || n", f"'{last}'"
        put(
            "documents",
            {"id": name, "outcome": "'unchanged'", "reasons": "'[]'", "failures": "0", "etag": "'x'"}
            | {"last_modified": "''", "seen_url": "''", "seen_sha256": "'00'", "links_reader": "'1'"}
            | {"last_check": at, "last_good": at}
            | {"next_check": f"CASE WHEN n = :documents THEN '{due}' ELSE '{due[:11]}23:30{due[16:]}' END"},
        )
        put(
            "captures",
            {"id": "n", "document": name, "at": at, "sha256": "'00'", "url": "''", "final_url": "''"}
            | {"status": "200", "headers": "'[]'", "redirects": "'[]'", "rendered": "0", "seconds": "0.0"}
            | {"doubtful": "0", "source": "''"},
        )
        put(
            "versions",
            {"id": "n", "document": name, "at": at, "last_seen": at, "capture": "n", "url": "''"}
            | {"title": "''", "words": "1000", "fingerprint": "'f'", "extractor": f"'{EXTRACTOR}'"}
            | {"reader": f"'{reader}'", "page": "'00'", "confirmed": "1", "withdrawn": "0", "era": "0"},
        )
        put(
            "checks",
            {"document": name, "at": at, "started": at, "outcome": "'unchanged'", "reasons": "'[]'"}
            | {"fingerprint": "''", "version": "n"},
            ", json_each('[1,2,3,4,5,6,7,8,9,10]')",
        )


def one_check(store: Store, watchlist: Watchlist, document: Document, now: datetime) -> float:
    """Seconds that a check takes whose fetch brought that nothing changed."""

    async def fetch(_: Document, __: Validators | None) -> Fetched:
        return NotModified(document.url, now, 0.0)

    async def pause(_: float) -> None:
        raise AssertionError("nothing is to be confirmed")

    parts = Parts(
        watchlist=watchlist,
        rules=load_rules,
        store=store,
        fetch=fetch,
        clock=lambda: now,
        pause=pause,
        claimant="benchmark",
    )
    with asyncio.Runner() as runner:
        runner.run(asyncio.sleep(0))
        return cpu_of(lambda: runner.run(check(document, parts)))


if __name__ == "__main__":
    main()
