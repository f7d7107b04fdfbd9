"""What differs between two versions: clauses edited, added, removed, moved or renumbered."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from monitor.align import align, gaps
from monitor.furniture import Lines, furniture_among
from monitor.layout import Surroundings, is_same_title, other_address, says_the_same
from monitor.model import BlockKind, Blocks, Clause, ClauseKind, Clauses, Mark
from monitor.normal import key, normal
from monitor.units import (
    CANDIDATES,
    Likeness,
    Unit,
    candidates,
    cut,
    hides_addresses,
    pair,
    unit_of,
    without_contents,
    without_copies,
    without_rewrapped,
)
from monitor.words import Words, mark

MOVED_ALIKE = 0.7  # Dice of a clause that was moved and edited
FEWEST_MOVED = 5  # different words of such a clause
WORD_WORK = 8_000_000  # words x words compared in all, about 3 s; beyond it texts are shown whole


def diff(before: Blocks, after: Blocks) -> Clauses:
    """The clauses that differ, in reading order of the new version, removed ones where they stood.

    Layout is no difference: the kind of a block, where a paragraph is broken, drawn bullets,
    a title with or without the name of the site, e-mail addresses hidden from robots.
    """
    comparison = _Comparison(before, after)
    comparison.align()
    comparison.find_moved()
    comparison.pair_alike()
    comparison.find_moved_and_edited()
    comparison.forget_copies()
    return comparison.clauses()


def apply(before: Blocks, clauses: Clauses) -> tuple[str, ...]:
    """The keys of the new version: those of the old one with the clauses applied.

    Where paragraphs were only broken anew the keys are those of the old paragraphs.
    """
    changed = {clause.before_at for clause in clauses}
    keys = [words for at, block in enumerate(before) if at not in changed and (words := key(block))]
    for clause in sorted((c for c in clauses if c.after_at is not None), key=lambda c: c.after_at or 0):
        if clause.after:
            keys.insert(clause.after_at or 0, key(clause.after))
    return tuple(keys)


@dataclass
class _Gap:
    """Stretches of both versions that do not correspond."""

    olds: list[Unit]
    news: list[Unit]


@dataclass
class _Found:
    kind: ClauseKind
    old: Unit | None
    new: Unit | None


class _Comparison:
    """The steps of a comparison; what one step explains, the next ones no longer see."""

    def __init__(self, before: Blocks, after: Blocks) -> None:
        self._masked = hides_addresses(before) or hides_addresses(after)
        self._old_blocks, self._new_blocks = before, after
        self._before, self._after = Surroundings(before), Surroundings(after)
        self._gaps: list[_Gap] = []
        self._same: list[tuple[int, int]] = []
        self._found: list[_Found] = []

    def align(self) -> None:
        """Find what corresponds: as written, then by bare words, then where paragraphs are broken anew."""
        olds, news = self._old_blocks, self._new_blocks
        pairs = align([block.text for block in olds], [block.text for block in news])
        for i, j in pairs:
            if olds[i].marker == news[j].marker:
                self._same.append((i, j))
            else:
                self._take_same(unit_of(olds[i], i, self._masked), unit_of(news[j], j, self._masked))
        for i, k, j, m in gaps(pairs, (0, len(olds), 0, len(news))):
            for gap in self._aligned(self._units(olds, i, k), self._units(news, j, m)):
                for parts in without_rewrapped(gap.olds, gap.news):
                    self._gaps += self._cut_anew(*parts)

    def _units(self, blocks: Blocks, start: int, stop: int) -> list[Unit]:
        """The blocks of a stretch that have words."""
        found = (unit_of(blocks[at], at, self._masked) for at in range(start, stop))
        return [unit for unit in found if unit.words]

    def _aligned(self, olds: list[Unit], news: list[Unit]) -> list[_Gap]:
        pairs = align([unit.identity for unit in olds], [unit.identity for unit in news])
        for i, j in pairs:
            self._take_same(olds[i], news[j])
        spans = gaps(pairs, (0, len(olds), 0, len(news)))
        return [_Gap(olds[i:k], news[j:m]) for i, k, j, m in spans]

    def _cut_anew(self, olds: list[Unit], news: list[Unit]) -> list[_Gap]:
        if not olds or not news:
            return [_Gap(olds, news)]
        cut_olds, cut_news = cut(olds, news, self._masked), cut(news, olds, self._masked)
        if len(cut_olds) == len(olds) and len(cut_news) == len(news):
            return [_Gap(olds, news)]
        return self._aligned(cut_olds, cut_news)

    def _take_same(self, old: Unit, new: Unit) -> None:
        self._same.append((old.at, new.at))
        if self._masked and other_address(old, new):
            self._found.append(_Found(ClauseKind.EDITED, old, new))
            return
        if old.number != new.number and (old.words != new.words or (old.number and new.number)):
            self._found.append(_Found(ClauseKind.RENUMBERED, old, new))

    def find_moved(self) -> None:
        """Blocks that stand elsewhere with the same words, and still say the same there."""
        places: defaultdict[str, list[Unit]] = defaultdict(list)
        for gap in reversed(self._gaps):
            for unit in reversed(gap.news):
                places[unit.identity].append(unit)  # the first one last, where it is taken from
        for gap in self._gaps:
            for old in gap.olds:
                if new := self._take_place(old, places.get(old.identity, [])):
                    self._found.append(_Found(ClauseKind.MOVED, old, new))
        self._forget_found()

    def _take_place(self, old: Unit, there: list[Unit]) -> Unit | None:
        """The first of some units of the same words that says the same, taken from the list."""
        for at in range(len(there) - 1, max(len(there) - 1 - CANDIDATES, -1), -1):
            if says_the_same(old, self._before, there[at], self._after):
                return there.pop(at)
        return None

    def pair_alike(self) -> None:
        likeness = Likeness(unit for gap in self._gaps for unit in (*gap.olds, *gap.news))
        for gap in self._gaps:
            for old, new in pair(gap.olds, gap.news, likeness):
                if old.identity == new.identity:
                    self._take_same(old, new)
                else:
                    self._same.append((old.at, new.at))
                    self._found.append(_Found(ClauseKind.EDITED, old, new))
                gap.olds.remove(old)
                gap.news.remove(new)

    def find_moved_and_edited(self) -> None:
        olds = [unit for gap in self._gaps for unit in gap.olds if len(unit.bag) >= FEWEST_MOVED]
        news = [unit for gap in self._gaps for unit in gap.news if len(unit.bag) >= FEWEST_MOVED]
        likeness = Likeness((*olds, *news))
        scored = [(likeness.dice(olds[i], news[j]), i, j) for i, j in candidates(olds, news)]
        gone: set[int] = set()
        come: set[int] = set()
        for score, i, j in sorted(scored, key=lambda entry: (-entry[0], entry[1], entry[2])):
            if score < MOVED_ALIKE or olds[i].identity == news[j].identity:
                continue  # the same words elsewhere were refused as moved: they do not say the same there
            if i not in gone and j not in come:
                gone.add(i)
                come.add(j)
                self._found.append(_Found(ClauseKind.MOVED, olds[i], news[j]))
        self._forget_found()

    def forget_copies(self) -> None:
        """Leave out what a version only repeats: its text again, its headings as a table of contents."""
        gone = [unit for gap in self._gaps for unit in gap.olds]
        come = [unit for gap in self._gaps for unit in gap.news]
        gone = without_contents(without_copies(gone, self._old_blocks), self._old_blocks)
        come = without_contents(without_copies(come, self._new_blocks), self._new_blocks)
        self._gaps = [_Gap(gone, come)]

    def _forget_found(self) -> None:
        seen = {id(unit) for found in self._found for unit in (found.old, found.new)}
        for gap in self._gaps:
            gap.olds = [unit for unit in gap.olds if id(unit) not in seen]
            gap.news = [unit for unit in gap.news if id(unit) not in seen]

    def clauses(self) -> Clauses:
        for gap in self._gaps:
            self._found += [_Found(ClauseKind.REMOVED, unit, None) for unit in gap.olds]
            self._found += [_Found(ClauseKind.ADDED, None, unit) for unit in gap.news]
        self._found.sort(key=self._reading_order())
        budget = _Budget()
        gone, come = (self._beside_the_document(kind) for kind in (ClauseKind.REMOVED, ClauseKind.ADDED))
        return tuple(
            _clause(found, budget)
            for found in self._found
            if not self._is_layout(found)
            and not (found.kind is ClauseKind.REMOVED and found.old and found.old.at in gone)
            and not (found.kind is ClauseKind.ADDED and found.new and found.new.at in come)
        )

    def _beside_the_document(self, kind: ClauseKind) -> set[int]:
        """The positions of blocks that came or went with the site rather than with the document."""
        blocks = self._old_blocks if kind is ClauseKind.REMOVED else self._new_blocks
        units = [found.old or found.new for found in self._found if found.kind is kind]
        places = [unit.at for unit in units if unit]
        if not places:
            return set()
        top = next((at for at, block in enumerate(blocks) if block.kind is BlockKind.HEADING), 0)
        words, texts = [normal(block.text) for block in blocks], [block.text for block in blocks]
        return furniture_among(Lines(words, texts, top), places)

    def _is_layout(self, found: _Found) -> bool:
        old, new = found.old, found.new
        if old and new:
            return found.kind is ClauseKind.EDITED and is_same_title(old, new)
        if old:
            return self._before.is_title(old)
        return new is not None and self._after.is_title(new)

    def _reading_order(self) -> Callable[[_Found], tuple[int, int, int]]:
        """Sorts by place in the new version; what is gone comes after what stood before it."""
        same = sorted(self._same)
        places = [old for old, _ in same]

        def place(found: _Found) -> tuple[int, int, int]:
            if found.new:
                return found.new.at, 0, 0
            old_at = found.old.at if found.old else 0
            before = bisect_right(places, old_at) - 1
            return (same[before][1] if before >= 0 else -1), 1, old_at

        return place


@dataclass
class _Budget:
    """How much word-by-word comparison is left."""

    left: int = field(default=WORD_WORK)

    def words(self, old: Unit, new: Unit) -> Words:
        before, after = old.block.text, new.block.text
        self.left -= old.bag.total() * new.bag.total()
        if self.left < 0 and old.words != new.words:
            return (Mark.REMOVED, before), (Mark.ADDED, after)
        return mark(before, after)


def _clause(found: _Found, budget: _Budget) -> Clause:
    old, new = found.old, found.new
    if old and new and found.kind is ClauseKind.MOVED and old.identity == new.identity:
        words: Words = ((Mark.SAME, new.block.text),)
    elif old and new:
        words = budget.words(old, new)
    elif old:
        words = ((Mark.REMOVED, old.block.text),)
    else:
        words = ((Mark.ADDED, new.block.text),) if new else ()
    return Clause(
        found.kind,
        before=old.block if old else None,
        after=new.block if new else None,
        words=words,
        before_at=old.at if old else None,
        after_at=new.at if new else None,
    )
