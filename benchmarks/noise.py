"""What a monitor would report over real sequences of fetches, through the program's own `import`.

usage: python -m benchmarks.noise INDEX.jsonl [--events]

INDEX.jsonl has a page a line: "page", "url", "archive" (a tar beside it) and "steps" in order, each with
"member" (its snapshot in the archive), "time", "follows" (whether the step before is the fetch just before)
and "label": first, same, changed, cosmetic, unusable, or blind (cannot be told; left out of every rate).

  true      reported, label changed
  missed    label changed, not reported then nor after rejected fetches that follow
  false     reported, label same; rate for 1000 steps labelled same
  cosmetic  reported, label cosmetic
  blocked   reported, label unusable: an error page taken for a change
  rejected  doubtful, though usable
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

Step = dict[str, Any]
KINDS = {"same": "false", "cosmetic": "cosmetic", "unusable": "blocked"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("index", type=Path)
    parser.add_argument("--events", action="store_true", help="name every miss, false report and rejection")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    seconds = 0.0
    for line in options.index.read_text().splitlines():
        page = json.loads(line)
        with TemporaryDirectory() as folder:
            started = time.perf_counter()
            outcomes = replay(page, options.index.parent, Path(folder))
            seconds += time.perf_counter() - started
        for kind, step in judged(page["steps"], outcomes):
            counts[kind] += 1
            if options.events and kind not in ("true", "blind"):
                print(kind, page["page"], step.get("n"), step["label"], step.get("note", ""), sep="\t")
        counts.update(f"label {step['label']}" for step in page["steps"] if step["follows"])
    print_rows(counts, seconds)


def print_rows(counts: Counter[str], seconds: float) -> None:
    same, changed = counts["label same"], counts["label changed"]
    rate = 1000 * counts["false"] / same if same else 0.0
    print(f"steps: {same} same, {changed} changed, {counts['label unusable']} unusable; {seconds:.0f} s")
    print(f"false {counts['false']} ({rate:.2f} per 1000 same)   cosmetic {counts['cosmetic']}")
    print(f"true {counts['true']}   missed {counts['missed']}")
    print(f"blocked pages reported {counts['blocked']}   usable fetches rejected {counts['rejected']}")


def replay(page: Step, folder: Path, work: Path) -> list[Step]:
    """Import every snapshot of a page, each run of consecutive ones as a document of its own."""
    with tarfile.open(folder / page["archive"]) as archive:
        archive.extractall(work, filter="data")
    lines, run = [], 0
    for step in page["steps"]:
        run += not step["follows"]
        lines.append(
            {
                "document": f"page/run-{run}",
                "url": page["url"],
                "at": step["time"],
                "status": 200,
                "headers": {"Content-Type": "text/html; charset=utf-8"},
                "path": step["member"],
            }
        )
    (work / "captures.jsonl").write_text("\n".join(map(json.dumps, lines)))
    write_watchlist(work / "watchlist.toml", page["url"], run)
    command = [sys.executable, "-m", "monitor", "import", str(work / "captures.jsonl"), "--fail-on", "never"]
    done = subprocess.run(
        [*command, "--watchlist", str(work / "watchlist.toml")], stdout=subprocess.PIPE, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def write_watchlist(path: Path, url: str, runs: int) -> None:
    entries = (
        f'[providers.page.documents.run-{n}]\ntype = "Terms of Service"\nurl = "{url}"\n'
        for n in range(1, runs + 1)
    )
    path.write_text('[providers.page]\nname = "Page"\n' + "".join(entries))


def judged(steps: list[Step], outcomes: list[Step]) -> Iterator[tuple[str, Step]]:
    """What each step counts as; a change behind rejected fetches is due until the next that is accepted."""
    due = False
    for step, outcome in zip(steps, outcomes, strict=True):
        label = step["label"]
        if not step["follows"]:
            if due:
                yield "missed", step
            due = False
            continue
        due = due or label == "changed"
        if outcome["outcome"] in ("doubtful", "failed"):
            if label not in ("unusable", "blind"):
                yield "rejected", step
            continue
        if outcome["alert"]:
            yield ("true" if due else KINDS.get(label, "blind")), step
        elif due:
            yield "missed", step
        due = False
    if due:
        yield "missed", steps[-1]


if __name__ == "__main__":
    main()
