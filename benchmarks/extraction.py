"""How much of a page's terms the extraction brings, and how little else, on pages with curated text.

usage: python -m benchmarks.extraction INDEX.jsonl

INDEX.jsonl has a page at a date a line: "page", "url", "html" (gzipped bytes) and "text" (curated Markdown),
both beside it. Both texts are reduced to words (case-folded, one a CJK character; Markdown syntax, link
targets and list markers dropped); multisets of four words in a row give precision, recall and F1, averaged
over a page's dates, then over pages. A page is good at recall >= 0.95 and precision >= 0.9.
Time is processor time to read, beside beautifulsoup4's text of the body in the same run.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bs4 import BeautifulSoup

from benchmarks.measure import cpu_of
from monitor.extract import read
from monitor.extract.plain import read_markdown, to_markdown
from monitor.model import Capture

CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WORD = re.compile(f"[{CJK}]|[^\\W{CJK}]+")
ENUMERATOR = re.compile(r"\d{1,2}|[a-z]|[ivx]{1,5}")
DROPPED = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]|(?<=\\w)['\u2018\u2019\u02bc](?=\\w)|[*_`~]"
)


@dataclass(frozen=True)
class Score:
    precision: float
    recall: float
    seconds: float
    baseline: float

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("index", type=Path)
    index = parser.parse_args().index
    pages: dict[str, list[Score]] = defaultdict(list)
    for line in index.read_text().splitlines():
        entry = json.loads(line)
        body = gzip.decompress((index.parent / entry["html"]).read_bytes())
        wanted = (index.parent / entry["text"]).read_text()
        pages[entry["page"]].append(score(body, entry["url"], wanted))
    print_rows(pages)


def print_rows(pages: dict[str, list[Score]]) -> None:
    averages = {
        page: [
            statistics.fmean(getattr(one, field) for one in scores) for field in ("f1", "recall", "precision")
        ]
        for page, scores in pages.items()
    }
    f1, recall, precision = (statistics.fmean(column) for column in zip(*averages.values(), strict=True))
    print(f"{len(pages)} pages: F1 {f1:.4f}  recall {recall:.4f}  precision {precision:.4f}")
    for name, position, least in (("recall", 1, 0.95), ("precision", 2, 0.9)):
        below = [page for page, row in averages.items() if row[position] < least]
        print(f"{name} below {least}: {len(below)} {', '.join(below)}")
    every = [one for scores in pages.values() for one in scores]
    for name, at in (("median", 50), ("95th percentile", 95)):
        ours, theirs = (
            statistics.quantiles([getattr(one, field) for one in every], n=100)[at - 1] * 1000
            for field in ("seconds", "baseline")
        )
        print(f"{name}: {ours:.0f} ms; text of the body {theirs:.0f} ms; ratio {ours / theirs:.2f}")


def score(body: bytes, url: str, wanted: str) -> Score:
    headers = (("content-type", "text/html"),)
    capture = Capture(url=url, final_url=url, status=200, headers=headers, body=body, at=datetime.now(UTC))
    page = read(capture)
    got, want = shingles(to_markdown(page.blocks)), shingles(wanted)
    common = sum((got & want).values())
    return Score(
        precision=common / max(1, got.total()),
        recall=common / max(1, want.total()),
        seconds=cpu_of(lambda: read(capture)),
        baseline=cpu_of(lambda: BeautifulSoup(body, "lxml").get_text()),
    )


def shingles(markdown: str) -> Counter[tuple[str, ...]]:
    """The multiset of four words in a row."""
    text = "\n".join(block.text for block in read_markdown(markdown).blocks)
    text = DROPPED.sub("", unicodedata.normalize("NFKC", text)).casefold()
    words = [word for word in WORD.findall(text) if not ENUMERATOR.fullmatch(word)]
    return Counter(zip(words, words[1:], words[2:], words[3:], strict=False))


if __name__ == "__main__":
    main()
