"""The change between large documents, beside difflib and diff-match-patch on their characters.

usage: python -m benchmarks.diff [--runs 3]

diff-match-patch runs with its usual time-out of one second, after which it gives up and calls the rest
replaced; without it, it does not end within a minute on any of these. difflib compares whole clauses only:
with their words it does not end within minutes.
"""

from __future__ import annotations

import argparse
import difflib
import random
import statistics
from collections.abc import Iterator
from functools import partial

from diff_match_patch import diff_match_patch

from benchmarks.measure import cpu_of
from monitor.diff import diff
from monitor.model import Block, BlockKind, Blocks

WORDS = """
    we you may will not use keep store delete your content inputs outputs data services model customer
    agreement provider terms policy account purpose notice period days request law consent setting
    feedback section
""".split()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    print(
        f"{'1 MB against 1 MB':34} {'clauses':>8} {'CPU s':>8} {'difflib':>8} {'characters':>11} {'ratio':>6}"
    )
    for name, before, after in cases():
        clauses = len(diff(before, after))
        ours = statistics.median(cpu_of(partial(diff, before, after)) for _ in range(runs))
        theirs = statistics.median(cpu_of(partial(characters, before, after)) for _ in range(runs))
        coarse = statistics.median(cpu_of(partial(by_clauses, before, after)) for _ in range(runs))
        figures = f"{ours:8.2f} {coarse:8.2f} {theirs:11.2f} {ours / theirs:6.2f}x"
        print(f"{name:34} {clauses:8} {figures}")


def cases() -> Iterator[tuple[str, Blocks, Blocks]]:
    """Documents of random sentences from a fixed seed: 1 MB each."""
    chance = random.Random(2026)
    pages = document(chance, 5000)
    yield "all but ten clauses the same", pages, edited(pages, chance, 10)
    yield "a word in every tenth clause", pages, edited(pages, chance, 500)
    yield "the same clauses in another order", pages, tuple(chance.sample(pages, len(pages)))
    yield "nothing in common", pages, document(random.Random(7), 5000, prefix="other")


def document(chance: random.Random, clauses: int, prefix: str = "") -> Blocks:
    return tuple(
        Block(
            BlockKind.PARAGRAPH, " ".join(prefix + chance.choice(WORDS) for _ in range(38)).capitalize() + "."
        )
        for _ in range(clauses)
    )


def edited(blocks: Blocks, chance: random.Random, clauses: int) -> Blocks:
    """The same document with one word put into that many clauses."""
    chosen = set(chance.sample(range(len(blocks)), clauses))
    return tuple(
        Block(block.kind, block.text.replace(" ", " never ", 1)) if n in chosen else block
        for n, block in enumerate(blocks)
    )


def by_clauses(before: Blocks, after: Blocks) -> object:
    old, new = ([block.text for block in blocks] for blocks in (before, after))
    return difflib.SequenceMatcher(None, old, new).get_opcodes()


def characters(before: Blocks, after: Blocks) -> object:
    return diff_match_patch().diff_main(
        *("\n".join(block.text for block in blocks) for blocks in (before, after)), checklines=False
    )


if __name__ == "__main__":
    main()
