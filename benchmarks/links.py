"""How often a page is said to link to other legal documents, over real sequences of fetches.

usage: python -m benchmarks.links INDEX.jsonl [--events]

INDEX.jsonl is as for benchmarks.noise. Whether a finding is true is for a person to say: --events names each.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.noise import replay
from monitor.model import LinkFinding
from monitor.store import Store


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("index", type=Path)
    parser.add_argument("--events", action="store_true", help="name every finding")
    options = parser.parse_args()
    steps, kinds = 0, Counter[str]()
    for line in options.index.read_text().splitlines():
        page = json.loads(line)
        steps += sum(step["follows"] for step in page["steps"])
        with TemporaryDirectory() as folder:
            replay(page, options.index.parent, Path(folder))
            found = findings(Path(folder) / "watchlist.db")
        kinds.update(one.kind.value for one in found)
        for one in found if options.events else ():
            print(page["page"], one.at.date(), one.kind, one.text, one.url, one.former_url, sep="\t")
    rate = 1000 * kinds.total() / steps if steps else 0.0
    print(f"steps: {steps}; findings: {kinds.total()} ({rate:.2f} per 1000)", dict(kinds))


def findings(database: Path) -> tuple[LinkFinding, ...]:
    with Store.open(f"sqlite:///{database}") as store:
        documents = [f"page/run-{number}" for number in range(1, 1000)]
        return store.link_findings(documents, since=None)


if __name__ == "__main__":
    main()
