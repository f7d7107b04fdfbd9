"""What a first check of real pages costs, beside trafilatura's extraction of the same pages alone.

usage: python -m benchmarks.cold DIR [--pages 67] [--runs 3] [--trafilatura PYTHON]

DIR holds pages as .html or .html.gz, in any folders below it; they are repeated to that number of documents,
and served by a local site in another process. trafilatura is no part of this project: PYTHON is one in whose
environment it is installed. Its figure is the processor time of `trafilatura.extract` on each page, without
its start; ours is that of a whole `check`: start, fetches, guard, statements, compression, database, report.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Cost, cost_of
from benchmarks.site import pages_of, serving, write_watchlist

EXTRACT = """
import sys, time
from pathlib import Path
import trafilatura
pages = [path.read_bytes() for path in sorted(Path(sys.argv[1]).iterdir())]
start = time.process_time()
found = [trafilatura.extract(pages[number % len(pages)]) for number in range(int(sys.argv[2]))]
print(time.process_time() - start, sum(map(bool, found)), trafilatura.__version__)
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int, default=67)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--trafilatura", metavar="PYTHON", help="default: no such baseline")
    options = parser.parse_args()
    ours: list[Cost] = []
    theirs: list[float] = []
    with TemporaryDirectory() as plain, serving(options.folder) as url:
        for number, page in enumerate(pages_of(options.folder)):
            Path(plain, f"{number:05}.html").write_bytes(page)
        for _ in range(options.runs):
            ours.append(checked(url, options.pages))
            if options.trafilatura:
                theirs.append(extracted(options.trafilatura, plain, options.pages))
    best = min(cost.cpu for cost in ours)
    memory = max(cost.memory for cost in ours)
    print(f"{options.pages} pages, minima of {options.runs} runs")
    print(f"check, all of it                  {best:8.2f} s CPU {memory:6.0f} MB")
    if theirs:
        print(f"trafilatura's extraction alone    {min(theirs):8.2f} s CPU; ratio {best / min(theirs):.2f}")


def checked(url: str, pages: int) -> Cost:
    """A first check of that many documents, with a database of its own."""
    with TemporaryDirectory() as folder:
        watchlist = Path(folder, "watchlist.toml")
        write_watchlist(watchlist, url, pages)
        words = ["-m", "monitor", "check", "--fail-on", "never", "--watchlist", str(watchlist)]
        return cost_of([sys.executable, *words])


def extracted(python: str, folder: str, pages: int) -> float:
    """Seconds of processor that trafilatura takes for as many pages."""
    command = [python, "-c", EXTRACT, folder, str(pages)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[0])


if __name__ == "__main__":
    main()
