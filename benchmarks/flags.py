"""How well flags agree with labels given by people: precision, recall, F1, direction, noise and time.

    python benchmarks/flags.py LABELS.jsonl PAIRS_DIR [--ids even|odd] [--errors]

LABELS holds one object a line: `id`, `genuine`, and for each topic `training` and `retention` the label
(none | editorial | substantive), `*_scope` and `*_direction`. PAIRS_DIR holds `<id>.old.md.gz` and
`<id>.new.md.gz`. Every pair goes through `tos-monitor compare --pairs`, as a user's would.

Positive is a pair labelled substantive, negative one labelled none. Not counted are editorial pairs,
changes that concern public data or cookies alone, and pairs that are not genuine but bear on the topic.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TOPICS = ("training", "retention")
DIRECTIONS = ("more_permissive", "less_permissive", "longer", "shorter")
OTHER_SCOPES = ("public", "cookie", "other")

Label = dict[str, Any]
Result = dict[str, Any]


@dataclass
class Score:
    """Counts of one topic, or of several added up."""

    hit: int = 0
    false: int = 0
    missed: int = 0
    right_way: int = 0
    ways: int = 0

    def row(self, name: str) -> str:
        precision = self.hit / max(self.hit + self.false, 1)
        recall = self.hit / max(self.hit + self.missed, 1)
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        counts = f"{self.hit:4} {self.false:6} {self.missed:7}"
        return f"{name:10} {counts} {precision:10.3f} {recall:7.3f} {f1:6.3f}   {self.right_way}/{self.ways}"


def main() -> None:
    """Compare the pairs, score the flags, print the table."""
    arguments = _arguments()
    labels = _labels(arguments.labels, arguments.ids)
    results, seconds = _compare(labels, arguments.pairs)
    print(
        f"{'':10} {'hit':>4} {'false':>6} {'missed':>7} {'precision':>10} {'recall':>7} {'F1':>6}   direction"
    )
    pooled = Score()
    for topic in TOPICS:
        score = _score(labels, results, topic)
        print(score.row(topic))
        for name, value in vars(score).items():
            setattr(pooled, name, getattr(pooled, name) + value)
    print(pooled.row("pooled"))
    print(_noise(labels, results))
    print(f"{len(labels)} pairs in {seconds:.1f} s of processor time")
    if arguments.errors:
        print("\n".join(_errors(labels, results)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("labels", type=Path)
    parser.add_argument("pairs", type=Path)
    parser.add_argument(
        "--ids", choices=("all", "even", "odd"), default="all", help="a half, by the id's number"
    )
    parser.add_argument("--errors", action="store_true", help="also list the pairs that went wrong")
    return parser.parse_args()


def _labels(path: Path, ids: str) -> dict[str, Label]:
    labels = {label["id"]: label for label in map(json.loads, path.read_text("utf-8").splitlines())}
    rest = {"all": (0, 1), "even": (0,), "odd": (1,)}[ids]
    return {
        name: label
        for name, label in labels.items()
        if int(name.lstrip("abcdefghijklmnopqrstuvwxyz")) % 2 in rest
    }


def _compare(labels: Iterable[str], pairs: Path) -> tuple[dict[str, Result], float]:
    """What the program says about each pair, and the processor seconds that it took."""
    rows = [
        {"id": name, "old": str(pairs / f"{name}.old.md.gz"), "new": str(pairs / f"{name}.new.md.gz")}
        for name in labels
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as listing:
        listing.write("".join(f"{json.dumps(row)}\n" for row in rows))
        listing.flush()
        command = [sys.executable, "-m", "monitor", "compare", "--pairs", listing.name]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    results = {result["id"]: result for result in map(json.loads, run.stdout.splitlines())}
    missing = sorted(set(labels) - set(results))
    if missing:
        raise SystemExit(f"no result for {len(missing)} pairs, first {missing[0]}\n{run.stderr[-2000:]}")
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return results, usage.ru_utime + usage.ru_stime


def _expected(label: Label, topic: str) -> bool | None:
    """Whether a pair should be flagged; None when it does not count."""
    value, scope = label[topic], label[f"{topic}_scope"]
    if value == "editorial":
        return None
    if value == "substantive" and (not label["genuine"] or scope in OTHER_SCOPES):
        return None
    return bool(value == "substantive")


def _flagged(result: Result, topic: str) -> bool:
    return bool(result["topics"].get(topic, {}).get("flag") == "substantive")


def _score(labels: dict[str, Label], results: dict[str, Result], topic: str) -> Score:
    score = Score()
    for name, label in labels.items():
        expected, flagged = _expected(label, topic), _flagged(results[name], topic)
        if expected is None:
            continue
        score.hit += expected and flagged
        score.false += flagged and not expected
        score.missed += expected and not flagged
        direction = label[f"{topic}_direction"]
        if expected and flagged and direction in DIRECTIONS:
            score.ways += 1
            score.right_way += results[name]["topics"][topic]["direction"] == direction
    return score


def _noise(labels: dict[str, Label], results: dict[str, Result]) -> str:
    """How many changes that are none were held back, and how many real ones were silenced."""
    noise = [name for name, label in labels.items() if not label["genuine"]]
    real = [name for name, label in labels.items() if label["genuine"]]
    held = sum(not results[name]["alert"] for name in noise)
    silenced = sum(not results[name]["alert"] for name in real)
    return f"noise: {held} of {len(noise)} held back; genuine: {silenced} of {len(real)} silenced"


def _errors(labels: dict[str, Label], results: dict[str, Result]) -> Iterable[str]:
    for topic in TOPICS:
        for name, label in labels.items():
            expected, flagged = _expected(label, topic), _flagged(results[name], topic)
            if expected is not None and expected != flagged:
                yield f"{topic}\t{'missed' if expected else 'false'}\t{name}\t{label.get('note', '')}"


if __name__ == "__main__":
    main()
