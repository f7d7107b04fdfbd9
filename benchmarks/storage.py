"""What a year of checks leaves in the database, in bytes a document a month, and what keeping it year.

usage: python -m benchmarks.storage [SEQUENCES] [--documents 45] [--days 365] [--keep all]

SEQUENCES is a folder of folders, each with the versions of one page in the order of their names (or named
before and after), or an index as benchmarks.noise takes it; by default the project's own pages. Every
document shows one sequence over the days, checked twice a day, through the program's own judge and store.
Where there are more documents than sequences, the copies of one say other words throughout, so that no bytes
are shared. With `--keep all` every answer has bytes of its own, and each is kept.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from monitor.judge import Knowledge, judge
from monitor.model import Capture, Confirm, Document, Keep, Outcome, Unchanged, Watchlist
from monitor.statements.rules import Rules, load_rules
from monitor.store import Store, upkeep

START = datetime(2025, 1, 1, tzinfo=UTC)
CHECKS_A_DAY = 2
DAYS_A_MONTH = 365 / 12
OWN = Path(__file__).parent.parent / "fixtures" / "pages"
ENDINGS = (".html", ".htm", ".md", ".txt", ".pdf")


@dataclass
class Year:
    """Where checks are recorded and how, and the seconds of processor that this took."""

    store: Store
    checks: int  # of one document
    keep: Keep
    rules: Rules
    judging: float = 0.0
    recording: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sequences", type=Path, nargs="?", default=OWN)
    parser.add_argument("--documents", type=int, default=45)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--keep", type=Keep, choices=list(Keep), default=Keep.CHANGED)
    options = parser.parse_args()
    sequences = list(islice(sequences_of(options.sequences), options.documents))
    with TemporaryDirectory() as folder:
        file = Path(folder) / "year.db"
        with Store.open(f"sqlite:///{file}", now=START) as store:
            year = Year(store, options.days * CHECKS_A_DAY, options.keep, load_rules())
            for number in range(options.documents):
                watch(year, number, copy_of(sequences[number % len(sequences)], number // len(sequences)))
        report(file, options.documents, options.days, year)


def sequences_of(path: Path) -> Iterator[list[bytes]]:
    """The versions of each page, in order."""
    if path.is_file():
        yield from archived(path)
        return
    for folder in sorted({file.parent for file in path.rglob("*") if file.suffix in ENDINGS}):
        files = sorted(file for file in folder.iterdir() if file.suffix in ENDINGS)
        if {file.stem for file in files} == {"before", "after"}:
            files.reverse()
        yield [file.read_bytes() for file in files]


def archived(index: Path) -> Iterator[list[bytes]]:
    for line in index.read_text().splitlines():
        page = json.loads(line)
        with tarfile.open(index.parent / page["archive"]) as archive:
            members = [archive.extractfile(step["member"]) for step in page["steps"]]
            yield [member.read() for member in members if member]


def copy_of(bodies: list[bytes], number: int) -> list[bytes]:
    if number == 0:
        return bodies
    return [
        body.replace(b" the ", b" the%d " % number).replace(b" of ", b" of%d " % number) for body in bodies
    ]


def watch(year: Year, number: int, bodies: list[bytes]) -> None:
    """Check one document so often, while it goes through its versions."""
    document = Document(
        id=f"provider-{number}/terms-of-service",
        provider=f"provider-{number}",
        type="Terms of Service",
        url=f"https://provider-{number}.example/legal/terms-of-service",
        confirm=Confirm.OFF,
        keep=year.keep,
    )
    knowledge = Knowledge(
        year.rules, Watchlist(providers={}, documents={document.id: document}, products={}), {}
    )
    shown = -1
    for nth in range(year.checks):
        at = START + timedelta(days=nth / CHECKS_A_DAY, minutes=number)
        step = nth * len(bodies) // year.checks
        body = bodies[step] + (b"<!-- %d -->" % nth if year.keep is Keep.ALL else b"")
        capture = answer(document, body, at)
        started = time.process_time()
        outcome: Outcome = Unchanged(document=document.id, at=at, capture=capture)
        if step != shown:
            outcome = judge(document, capture, year.store.previous(document.id), knowledge)
        judged = time.process_time()
        year.store.record(outcome, next_check=at + timedelta(hours=12), started=at, keep=year.keep)
        year.judging += judged - started
        year.recording += time.process_time() - judged
        shown = step


def answer(document: Document, body: bytes, at: datetime) -> Capture:
    """A capture with headers as servers send them."""
    headers = (
        ("content-type", "text/html; charset=utf-8"),
        ("date", at.strftime("%a, %d %b %Y %H:%M:%S GMT")),
        ("cache-control", "private, max-age=0, must-revalidate"),
        ("strict-transport-security", "max-age=63072000; includeSubDomains; preload"),
        ("etag", f'W/"{abs(hash(body)):x}"'),
        ("x-request-id", f"{abs(hash((document.id, at))):032x}"),
        ("server", "cloudflare"),
    )
    return Capture(
        url=document.url, final_url=document.url, status=200, headers=headers, body=body, at=at, seconds=0.4
    )


def report(file: Path, documents: int, days: int, year: Year) -> None:
    url = f"sqlite:///{file}"
    problems = upkeep.verify(url).problems
    found = upkeep.stats(url)
    upkeep.compact(url)
    months = documents * days / DAYS_A_MONTH
    rows = found.rows
    print(f"{documents} documents, {days} days: {rows['checks']:,} checks, {rows['changes']:,} changes,")
    print(f"{rows['captures']:,} captures, {rows['doubtful captures']:,} doubtful; {len(problems)} problems")
    print(f"\n{'':24} {'number':>8} {'as they came':>14} {'stored':>12}   a document a month")
    for one in found.bytes:
        print(f"{one.kind:24} {one.count:8,} {one.plain:14,} {one.stored:12,} {one.stored / months:14,.0f}")
    print(f"\n{'pages of the file':24} {'bytes':>36} {'':14}")
    for name, size in pages_of(file):
        print(f"{name:24} {size:36,} {size / months:14,.0f}")
    total = file.stat().st_size
    print(f"{'the whole file':24} {total:36,} {total / months:14,.0f}")
    print(f"\nCPU: judging {year.judging:.1f} s, recording {year.recording:.1f} s,", end=" ")
    print(f"{1000 * year.recording / rows['checks']:.2f} ms a check")


def pages_of(file: Path) -> list[tuple[str, int]]:
    """What each table takes with its indexes, the largest first; empty where SQLite cannot say."""
    query = (
        "SELECT m.tbl_name, sum(d.pgsize) FROM dbstat d JOIN sqlite_schema m ON m.name = d.name"
        " GROUP BY 1 ORDER BY 2 DESC LIMIT 8"
    )
    with closing(sqlite3.connect(file)) as database:
        try:
            return database.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []


if __name__ == "__main__":
    main()
