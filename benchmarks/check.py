"""What a round costs in which nothing changed: pages that answer 304, and pages that send the same bytes.

usage: python -m benchmarks.check [--pages 67 1005] [--runs 5] [--from DIR]

Pages come from a local site in another process. Each figure stands beside the baseline of the same run: one
httpx client that asks for the same pages, one after another, and does nothing else. Processor time is the
minimum of the runs, memory the largest.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Cost, cost_of
from benchmarks.site import serving, write_watchlist

PROGRAM = [sys.executable, "-m", "monitor", "check", "--fail-on", "never"]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, nargs="+", default=[67, 1005], help="how many")
    parser.add_argument("--from", dest="folder", type=Path, help="a folder of .html or .html.gz")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    print(f"minima of {options.runs} runs")
    print(f"{'':36} {'CPU s':>8} {'wall s':>8} {'MB':>6} {'CPU ratio':>10}")
    for pages in options.pages:
        for etags in (True, False):
            with serving(options.folder, etags=etags) as url:
                rows = measured(url, pages, options.runs)
            says = "304" if etags else "the same bytes"
            for name, costs in rows.items():
                best = min(costs, key=lambda cost: cost.cpu)
                base = min(cost.cpu for cost in rows["httpx alone"])
                memory = max(cost.memory for cost in costs)
                row = f"{pages} pages, {says}: {name}"
                print(f"{row:36} {best.cpu:8.2f} {best.wall:8.2f} {memory:6.0f} {best.cpu / base:9.2f}x")


def measured(url: str, pages: int, runs: int) -> dict[str, list[Cost]]:
    """What the rounds cost after one that saw every page, in turn with the baseline."""
    plain = [sys.executable, "-m", "benchmarks.plain_fetch", url, str(pages)]
    with TemporaryDirectory() as folder:
        watchlist = Path(folder, "watchlist.toml")
        write_watchlist(watchlist, url, pages)
        program = [*PROGRAM, "--watchlist", str(watchlist)]
        cost_of(program)
        both = [(cost_of(plain), cost_of(program)) for _ in range(runs)]
    return {"httpx alone": [first for first, _ in both], "check": [second for _, second in both]}


if __name__ == "__main__":
    main()
