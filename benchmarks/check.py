"""What a round costs: a cold check, and a check in which nothing changed.

usage: python -m benchmarks.check [--pages DIR] [--count 67] [--runs 3]

Pages come from a local site in another process. Each figure stands beside the baseline of the same run:
fetching the same pages with one httpx client (cold: and beautifulsoup4's text of the body), nothing else.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Cost, cost_of, print_costs
from benchmarks.site import serving, write_watchlist

PROGRAM = [sys.executable, "-m", "monitor", "check", "--format", "json", "--fail-on", "never"]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=Path, help="a folder of .html or .html.gz; default our fixtures")
    parser.add_argument("--count", type=int, default=67)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    names = ("plain fetch and text", "cold check", "plain conditional fetch", "no-change check")
    costs: dict[str, list[Cost]] = {name: [] for name in names}
    with serving(options.pages) as url:
        for _ in range(options.runs):
            for name, cost in zip(names, one_run(url, options.count), strict=True):
                costs[name].append(cost)
    print(f"{options.count} documents, medians of {options.runs} runs")
    print_costs({name: costs[name] for name in names[:2]}, names[0])
    print_costs({name: costs[name] for name in names[2:]}, names[2])


def one_run(url: str, count: int) -> list[Cost]:
    """The four costs, in turn, so that a slow moment of the machine touches them alike."""
    plain = [sys.executable, "-m", "benchmarks.plain_fetch", url, str(count)]
    with TemporaryDirectory() as folder:
        watchlist = Path(folder, "watchlist.toml")
        write_watchlist(watchlist, url, count)
        program = [*PROGRAM, "--watchlist", str(watchlist)]
        return [cost_of([*plain, "cold"]), cost_of(program), cost_of([*plain, "no-change"]), cost_of(program)]


if __name__ == "__main__":
    main()
