"""What a comparison works on: the blocks of a version with their words, and how alike two of them are."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, groupby, pairwise
from math import log

from monitor.align import rising
from monitor.model import Block, BlockKind, Blocks
from monitor.normal import CJK, PROTECTED, bare, key, normal, number, with_masked_addresses, without_number

WORD = re.compile(rf"[{CJK}]|[^\W{CJK}]+")
SENTENCE = re.compile(r"(?<=[.!?;:])\s+|(?<=[。！？；])\s*")
DRAWN_NUMBER = re.compile(r"\(?(?:\d{1,3}(?:\.\d{1,3})*|[a-z]|[ivxlc]{1,6})[.)]*", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Unit:
    """A block, or a stretch of one that was cut, at its position in a version."""

    block: Block
    at: int
    words: str  # normal form
    identity: str  # equal for units of the same words, whatever their clause numbers
    with_number: str  # the same with its clause number: what it adds to a text that goes on across units

    @cached_property
    def bag(self) -> Counter[str]:
        return Counter(WORD.findall(self.words))

    @cached_property
    def neighbours(self) -> frozenset[tuple[str, str]]:
        """The pairs of words that stand side by side."""
        return frozenset(pairwise(WORD.findall(self.words)))

    @property
    def traits(self) -> Iterable[object]:
        """What a unit is found by among many: its pairs of words; of a short one the words, too."""
        return self.neighbours if len(self.neighbours) > FEWEST_CONTAINED else (*self.neighbours, *self.bag)

    @property
    def number(self) -> str:
        """The clause number, typed or drawn, or ""."""
        drawn = self.block.marker.strip() if DRAWN_NUMBER.fullmatch(self.block.marker.strip()) else ""
        return number(self.words) or drawn.strip("().").casefold()


def unit_of(block: Block, at: int, mask_addresses: bool) -> Unit:
    words = normal(block.text)
    shown = with_masked_addresses(words) if mask_addresses else words
    said = shown if block.kind is BlockKind.ROW else without_number(shown)
    return Unit(block, at, words, identity=bare(said), with_number=bare(shown))


def hides_addresses(blocks: Blocks) -> bool:
    """Whether e-mail addresses were hidden from robots when these blocks were captured."""
    return any("protected]" in block.text and PROTECTED in normal(block.text) for block in blocks)


# --- likeness ----------------------------------------------------------------------------------

ALIKE = 0.45  # Dice on words: measured on 1,417 pairs of versions, where it pairs what a reader would
CONTAINED = 0.7  # share of the shorter text's word pairs that the longer one has
FEWEST_CONTAINED = 5  # word pairs: below, containment is chance
ALONE = 0.3  # for the only two blocks of a gap, of one kind: nothing else could be meant
OTHER_KIND = 0.85
ALL_PAIRS = 400  # up to here every pair of a gap is scored, beyond it those that share rare words
RARE = 10  # units that a rare word is in
CANDIDATES = 8  # per unit


class Likeness:
    """How alike units are, words counting the more the fewer units have them."""

    def __init__(self, compared: Iterable[Unit]) -> None:
        units_with: Counter[str] = Counter()
        total = 0
        for unit in compared:
            units_with.update(unit.bag.keys())
            total += 1
        self._weights = {word: log(1 + total / count) for word, count in units_with.items()}
        self._sums: dict[int, float] = {}

    def dice(self, one: Unit, other: Unit) -> float:
        """Twice the weight of the common words by the weight of all, from 0 to 1."""
        fewer, more = sorted((one.bag, other.bag), key=len)
        common = sum(
            min(count, more[word]) * self._weights[word] for word, count in fewer.items() if word in more
        )
        total = self._sum(one) + self._sum(other)
        return 2 * common / total if total else 0.0

    def score(self, one: Unit, other: Unit) -> float:
        """Likeness of two units of a gap, 0 when they should not be paired."""
        dice = self.dice(one, other)
        fewest = min(len(one.neighbours), len(other.neighbours))
        held = len(one.neighbours & other.neighbours) / fewest if fewest >= FEWEST_CONTAINED else 0.0
        score = max(dice if dice >= ALIKE else 0.0, 0.95 * held if held >= CONTAINED else 0.0)
        return score if one.block.kind is other.block.kind else score * OTHER_KIND

    def _sum(self, unit: Unit) -> float:
        if id(unit) not in self._sums:
            self._sums[id(unit)] = sum(count * self._weights[word] for word, count in unit.bag.items())
        return self._sums[id(unit)]


def pair(olds: Sequence[Unit], news: Sequence[Unit], likeness: Likeness) -> list[tuple[Unit, Unit]]:
    """The units of a gap that are versions of each other, in order."""
    if len(olds) == len(news) == 1 and olds[0].block.kind is news[0].block.kind:
        return [(olds[0], news[0])] if likeness.dice(olds[0], news[0]) >= ALONE else []
    scored = ((i, j, likeness.score(olds[i], news[j])) for i, j in candidates(olds, news))
    return [(olds[i], news[j]) for i, j, _ in rising([entry for entry in scored if entry[2]])]


def candidates(olds: Sequence[Unit], news: Sequence[Unit]) -> Iterable[tuple[int, int]]:
    """The pairs worth scoring: all of a small gap, those that share something rare of a large one."""
    if len(olds) * len(news) <= ALL_PAIRS:
        return [(i, j) for i in range(len(olds)) for j in range(len(news))]
    places: defaultdict[object, list[int]] = defaultdict(list)
    for j, new in enumerate(news):
        for trait in new.traits:
            places[trait].append(j)
    found = []
    for i, old in enumerate(olds):
        rare = (there for trait in old.traits if len(there := places.get(trait, ())) <= RARE)
        found += [(i, j) for j, _ in Counter(chain.from_iterable(rare)).most_common(CANDIDATES)]
    return found


# --- paragraphs cut anew -----------------------------------------------------------------------

BEGINNING = 4  # characters that two stretches of the same words share at least in their first blocks
FEWEST_SENTENCE = 24  # characters; shorter sentences ("Learn more.") stand anywhere
FEWEST_SENTENCE_CJK = 8


def without_rewrapped(olds: list[Unit], news: list[Unit]) -> list[tuple[list[Unit], list[Unit]]]:
    """The gap less stretches whose words are the same but for where paragraphs begin; several gaps then."""
    starts: defaultdict[str, list[int]] = defaultdict(list)
    for j, unit in enumerate(news):
        starts[unit.identity[:BEGINNING]].append(j)
    parts = []
    i_from = j_from = i = 0
    while i < len(olds):
        places = starts.get(olds[i].identity[:BEGINNING], [])
        first = bisect_left(places, j_from)
        tried = (_joined(olds, i, news, j) for j in places[first : first + CANDIDATES])
        match = next((m for m in tried if m), None)
        if match is None:
            i += 1
            continue
        j, i_to, j_to = match
        parts.append((olds[i_from:i], news[j_from:j]))
        i_from, j_from, i = i_to, j_to, i_to
    parts.append((olds[i_from:], news[j_from:]))
    return [part for part in parts if part[0] or part[1]]


def _joined(olds: list[Unit], i: int, news: list[Unit], j: int) -> tuple[int, int, int] | None:
    """Where stretches that begin at i and j and have the same words end: (j, end of i, end of j)."""
    start = j
    left, right = olds[i].identity, news[j].identity
    i, j = i + 1, j + 1
    left_at = right_at = 0  # how much of the last unit of either side is accounted for
    while True:
        size = min(len(left) - left_at, len(right) - right_at)
        if left[left_at : left_at + size] != right[right_at : right_at + size]:
            return None
        left_at, right_at = left_at + size, right_at + size
        if left_at == len(left) and right_at == len(right):
            return start, i, j
        if left_at == len(left):
            if i == len(olds):
                return None
            left, left_at, i = olds[i].with_number, 0, i + 1
            right_at += right.startswith(" ", right_at)
        else:
            if j == len(news):
                return None
            right, right_at, j = news[j].with_number, 0, j + 1
            left_at += left.startswith(" ", left_at)


def cut(units: list[Unit], others: list[Unit], mask_addresses: bool) -> list[Unit]:
    """The units, those cut at sentence ends whose sentences the other version has in several blocks."""
    home = _sentence_homes(others)
    pieces = []
    for unit in units:
        sentences = [s for s in SENTENCE.split(unit.block.text) if s.strip()]
        homes = [home.get(_sentence_identity(sentence)) for sentence in sentences]
        if len({h for h in homes if h is not None}) < 2:
            pieces.append(unit)
            continue
        for text in _stretches(sentences, _filled(sentences, homes, others)):
            piece = unit_of(replace(unit.block, text=text), unit.at, mask_addresses)
            pieces += [piece] if piece.words else []
    return pieces


def _sentence_homes(units: list[Unit]) -> dict[str, int]:
    """Which unit has a sentence, for those that only one has."""
    home: dict[str, int] = {}
    several = set()
    for at, unit in enumerate(units):
        for sentence in SENTENCE.split(unit.block.text):
            known = _sentence_identity(sentence)
            if home.setdefault(known, at) != at:
                several.add(known)
    return {known: at for known, at in home.items() if known not in several and _tells(known)}


def _sentence_identity(sentence: str) -> str:
    return bare(normal(sentence))


def _tells(sentence: str) -> bool:
    return len(sentence) >= (FEWEST_SENTENCE if sentence.isascii() else FEWEST_SENTENCE_CJK)


def _filled(sentences: list[str], homes: list[int | None], others: list[Unit]) -> list[int]:
    """The homes, with that of a neighbour for sentences that have none: the one with more of their words."""
    filled: list[int] = []
    before = next(home for home in homes if home is not None)
    for at, (sentence, home) in enumerate(zip(sentences, homes, strict=True)):
        after = next((later for later in homes[at:] if later is not None), before)
        before = _likelier(sentence, before, after, others) if home is None else home
        filled.append(before)
    return filled


def _likelier(sentence: str, one: int, other: int, units: list[Unit]) -> int:
    if one == other:
        return one
    words = set(WORD.findall(normal(sentence)))
    return other if len(words & units[other].bag.keys()) > len(words & units[one].bag.keys()) else one


def _stretches(sentences: list[str], homes: list[int]) -> list[str]:
    """The sentences, joined as long as they have one home."""
    runs = groupby(zip(homes, sentences, strict=True), key=lambda entry: entry[0])
    return [" ".join(sentence for _, sentence in run) for _, run in runs]


# --- text that a page has twice ----------------------------------------------------------------

FEWEST_COPIED = 5  # blocks in a row
FEWEST_COPIED_CHARACTERS = 300
FEWEST_OF_ALL = 3  # entries of one that names every heading below it
FEWEST_ENTRIES = 5  # of a table of contents; a shorter list may name plans that have headings, too


def without_copies(part: list[Unit], whole: Blocks) -> list[Unit]:
    """The units less stretches of them that stand in the same order outside of the part, too."""
    if len(part) < FEWEST_COPIED:
        return part
    words = [key(block) for block in whole]
    here = {unit.at for unit in part}
    places: defaultdict[str, list[int]] = defaultdict(list)
    for at, said in enumerate(words):
        if at not in here:
            places[said].append(at)
    kept: list[Unit] = []
    i = copied = 0
    while i < len(part):
        there = places.get(words[part[i].at], ())[:CANDIDATES]
        length = max((_same_run(part, i, words, at, here) for at in there), default=0)
        if (
            length < FEWEST_COPIED
            or sum(len(u.identity) for u in part[i : i + length]) < FEWEST_COPIED_CHARACTERS
        ):
            kept.append(part[i])
            length = 1
        else:
            copied += length
        i += length
    return _without_cut_copies(kept, words, here) if copied * 2 >= len(part) else kept


def _without_cut_copies(kept: list[Unit], words: list[str], part: set[int]) -> list[Unit]:
    """The units less those whose words stand outside of the part, in blocks that are cut otherwise."""
    text = f" {' '.join(said for at, said in enumerate(words) if said and at not in part)} "
    return [unit for unit in kept if f" {words[unit.at]} " not in text]


def _same_run(part: list[Unit], i: int, words: list[str], at: int, here: set[int]) -> int:
    """How many units from i on say the same as the blocks from `at` on, which are not of the part."""
    longest = min(len(part) - i, len(words) - at)
    differing = (n for n in range(longest) if at + n in here or words[part[i + n].at] != words[at + n])
    return next(differing, longest)


def without_contents(part: list[Unit], whole: Blocks) -> list[Unit]:
    """The units less tables of contents: stretches that only name headings of the version, in their order."""
    headings = [bare(without_number(normal(b.text))) for b in whole if b.kind is BlockKind.HEADING]
    places = {words: n for n, words in enumerate(headings)}
    runs: list[list[Unit]] = []
    before = -1
    for unit in part:
        place = places.get(unit.identity, -1) if unit.block.kind is not BlockKind.HEADING else -1
        if place <= before or before < 0:
            runs.append([])
        runs[-1].append(unit)
        before = place
    return [unit for run in runs if not _is_contents(run, whole) for unit in run]


def _is_contents(run: list[Unit], whole: Blocks) -> bool:
    """Whether a run of headings' names is long enough, or short and names every heading that follows."""
    if len(run) < FEWEST_OF_ALL or len(run) >= FEWEST_ENTRIES:
        return len(run) >= FEWEST_ENTRIES
    start, end = run[0].at, run[-1].at
    if start and whole[start - 1].text.rstrip().endswith((":", "：")):
        return False
    below = [block for block in whole[end + 1 :] if block.kind is BlockKind.HEADING]
    highest = min((block.level for block in below), default=0)
    named = [bare(without_number(normal(block.text))) for block in below if block.level == highest]
    return named == [unit.identity for unit in run]
