"""Whether a single edit in a block of a real page is ever missed: a "not", a number, a name of a list.

usage: python -m benchmarks.edits INDEX.jsonl [--most 200]

Each page of the index (as in benchmarks.extraction) is read; then, in each of its blocks in turn, one edit
of each kind that fits is made, and the change between the two must alter a clause.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from monitor.diff import diff
from monitor.extract import read
from monitor.model import Blocks, Capture

EDITS = {
    "may -> may not": (re.compile(r"\b(may|will|can)\b(?! not)"), r"\1 not"),
    "may not -> may": (re.compile(r"\b(may|will|can|do|does) not\b"), r"\1"),
    "a number before days": (re.compile(r"\b\d+(?= (?:days?|months?|years?|hours?)\b)"), "61"),
    "a name dropped from a list": (re.compile(r", [A-Z]\w+(?=,| and | or )"), ""),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("index", type=Path)
    parser.add_argument("--most", type=int, default=200, help="edits of a kind on a page")
    options = parser.parse_args()
    made: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for line in options.index.read_text().splitlines():
        entry = json.loads(line)
        blocks = blocks_of(gzip.decompress((options.index.parent / entry["html"]).read_bytes()), entry["url"])
        for kind in EDITS:
            for number, edited in edits(blocks, kind, options.most):
                made[kind] += 1
                if not any(clause.alters for clause in diff(blocks, edited)):
                    missed[kind] += 1
                    print("missed", kind, entry["page"], blocks[number].text[:100], sep="\t")
    for kind in EDITS:
        print(f"{kind:30} {made[kind]:6} made  {missed[kind]:4} missed")


def blocks_of(body: bytes, url: str) -> Blocks:
    headers = (("content-type", "text/html"),)
    return read(
        Capture(url=url, final_url=url, status=200, headers=headers, body=body, at=datetime.now(UTC))
    ).blocks


def edits(blocks: Blocks, kind: str, most: int) -> Iterator[tuple[int, Blocks]]:
    """The page with one edit of this kind, one block after the other; of too many, a sample."""
    pattern, after = EDITS[kind]
    fitting = [number for number, block in enumerate(blocks) if pattern.search(block.text)]
    for number in sorted(random.Random(1).sample(fitting, min(most, len(fitting)))):
        block = blocks[number]
        edited = replace(block, text=pattern.sub(after, block.text, count=1))
        if edited.text != block.text:
            yield number, (*blocks[:number], edited, *blocks[number + 1 :])


if __name__ == "__main__":
    main()
