"""What a start costs: of `tos-monitor --help`, and of `check --due` with nothing due, as cron runs it.

usage: python -m benchmarks.start [--runs 15]

Beside each stands the baseline of the same run: what importing the libraries takes that a start cannot do
without (typer; for a check SQLAlchemy and pydantic too), and nothing else. Minima, for nothing makes a start
faster than it is.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import cost_of
from benchmarks.site import write_watchlist

NEVER = "2100-01-01T00:00:00.000000+00:00"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--documents", type=int, default=67)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        watchlist = nothing_due(Path(folder), options.documents)
        commands = {
            "typer": ["-c", "import typer"],
            "--help": ["-m", "monitor", "--help"],
            "typer, SQLAlchemy, pydantic": ["-c", "import typer, sqlalchemy, pydantic"],
            "check --due": ["-m", "monitor", "check", "--due", "--watchlist", str(watchlist)],
        }
        cpu = {name: float("inf") for name in commands}
        for _ in range(options.runs):
            for name, words in commands.items():
                cpu[name] = min(cpu[name], cost_of([sys.executable, *words]).cpu)
    print(f"{options.documents} documents, minima of {options.runs} runs")
    print(f"{'':30} {'CPU s':>8} {'ratio':>7}")
    for baseline, name in (("typer", "--help"), ("typer, SQLAlchemy, pydantic", "check --due")):
        print(f"{baseline:30} {cpu[baseline]:8.3f} {1:6.2f}x")
        print(f"{name:30} {cpu[name]:8.3f} {cpu[name] / cpu[baseline]:6.2f}x")


def nothing_due(folder: Path, documents: int) -> Path:
    """A watchlist with a database in which every document was checked, and none is due for long."""
    watchlist = folder / "watchlist.toml"
    write_watchlist(watchlist, "http://127.0.0.1:9", documents)
    cost_of([sys.executable, "-m", "monitor", "status", "--watchlist", str(watchlist)])
    with closing(sqlite3.connect(watchlist.with_suffix(".db"))) as connection, connection:
        connection.executemany(
            "INSERT INTO documents (id, next_check, outcome, reasons, failures, etag, last_modified,"
            " seen_url, seen_sha256) VALUES (?, ?, 'unchanged', '[]', 0, '', '', '', '')",
            [(f"site/page-{number}", NEVER) for number in range(documents)],
        )
    return watchlist


if __name__ == "__main__":
    main()
