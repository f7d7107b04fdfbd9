"""Matches the statements of two versions: which stayed, which were edited, which came, went or moved."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from monitor.model import RETENTION, Blocks, Clause, Clauses, Statement
from monitor.normal import normal
from monitor.statements.defined import Definition, Terms, definitions, terms
from monitor.statements.heard import objects_in
from monitor.statements.lexicon import tokens
from monitor.statements.read import language_of, read_all, taken_as
from monitor.statements.rules import Rules, Topic
from monitor.statements.sentences import Sentence, sentences

_LIKE = 0.4
"""Share of words that two statements of one clause have in common when one is the edit of the other."""
_LIKE_ALONE = 0.2
"""The same where a clause has no other statement on either side."""
_LIKE_TIMED = 0.05
"""The same where both give a period, however they word it."""
_LIKE_ELSEWHERE = 0.55
"""The same for statements of different clauses, where chance likeness is commoner."""
_TELLING = 40
"""From so many letters on, a sentence is recognised without its lead-in."""
_NOISE = re.compile(r"\S+@\S+|\[email.protected\]|https?://\S+|\(opens in a new window\)", re.IGNORECASE)
_NOT_A_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Said:
    """A statement with its words squeezed for comparison, with and without its lead-in."""

    statement: Statement
    whole: str
    text: str


Pair = tuple[Said, Said]


@dataclass
class Edit:
    """What one clause did to the statements of a topic: `old` went and `new` came."""

    clause: Clause
    old: list[Said]
    new: list[Said]
    pairs: list[Pair] = field(default_factory=list)
    same: list[Pair] = field(default_factory=list)  # but for addresses and the like
    moved: list[Said] = field(default_factory=list)
    unheard: list[Pair] = field(
        default_factory=list
    )  # of what went or came, with a sentence that no rule hears

    @property
    def touched(self) -> bool:
        """Whether the clause did anything to a statement of the topic."""
        return bool(self.old or self.new or self.pairs or self.same or self.moved)


@dataclass(frozen=True)
class _Spoken:
    """A version as it is spoken, whatever was altered in it."""

    found: tuple[Sentence, ...]
    definitions: tuple[Definition, ...]
    terms: Terms
    text: str
    wholes: Counter[str]


@lru_cache(maxsize=4)  # a version is compared with the one before it, and then with the one after it
def _spoken(blocks: Blocks) -> _Spoken:
    found = sentences(blocks)
    defined = definitions(found)
    return _Spoken(
        found=found,
        definitions=defined,
        terms=terms(defined),
        text="".join(squeezed(sentence.text) for sentence in found),
        wholes=Counter(squeezed(sentence.asked) for sentence in found),
    )


class Side:
    """One version: its sentences by block, and what stands anywhere in it."""

    def __init__(self, blocks: Blocks, altered: frozenset[int], rules: Rules, language: str) -> None:
        self._rules, self._language = rules, language
        self._spoken = _spoken(blocks)
        self._by_block: dict[int, list[Sentence]] = {}
        for sentence in self._spoken.found:
            self._by_block.setdefault(sentence.block, []).append(sentence)
            # An unaltered list item changes with the words that introduce it.
            if sentence.lead_block is not None and sentence.block not in altered:
                self._by_block.setdefault(sentence.lead_block, []).append(sentence)
        self._said: dict[int, tuple[Said, ...]] = {}

    def said(self, block: int | None, topic: Topic) -> list[Said]:
        """The statements that a block makes on a topic."""
        if block is None:
            return []
        if block not in self._said:
            self._said[block] = tuple(self._read(block))
        return [said for said in self._said[block] if said.statement.topic == topic.name]

    def unheard(self, block: int | None, topic: Topic, like: Said) -> Said | None:
        """The sentence of a block that another version's statement resembles, where no rule hears it."""
        heard = {said.statement.text for said in self.said(block, topic)}
        found = [s for s in self._by_block.get(-1 if block is None else block, ()) if s.text not in heard]
        likest = max(found, key=lambda s: _alike(s.text, like.statement.text), default=None)
        if likest is None or _alike(likest.text, like.statement.text) < _LIKE:
            return None
        statement = taken_as(likest, topic, self._rules, self._language, self._spoken.terms)
        return Said(statement, squeezed(likest.asked), squeezed(likest.text)) if statement else None

    def _read(self, block: int) -> Iterator[Said]:
        found = self._by_block.get(block, ())
        above = [s for s in self._by_block.get(block - 1, ()) if s.block == block - 1]
        for sentence, statement in read_all(
            [*above, *found], self._rules, self._language, self._spoken.terms
        ):
            if sentence.block == block - 1:
                continue
            yield Said(statement, squeezed(sentence.asked), squeezed(sentence.text))
        for definition in self._spoken.definitions:
            if definition.sentence.block == block:
                yield from self._through(definition)

    def _through(self, definition: Definition) -> Iterator[Said]:
        """What a definition says by way of the first statements, elsewhere, that use its term."""
        sentence = definition.sentence
        using = [s for s in self._spoken.found if definition.term in s.text and s.block != sentence.block]
        topics: set[str] = set()
        for _, statement in read_all(using, self._rules, self._language, self._spoken.terms):
            if statement.topic in topics:
                continue
            topics.add(statement.topic)
            told = replace(statement, text=sentence.text, block=sentence.block)
            if definition.of_data:
                told = replace(told, objects=self._named_in(definition, statement.topic))
            yield Said(told, squeezed(sentence.whole), squeezed(sentence.text))

    def _named_in(self, definition: Definition, topic: str) -> tuple[str, ...]:
        spoken = language_of(definition.sentence.text, self._language)
        named = objects_in(definition.means, self._rules.topics[topic].words[spoken])
        return tuple(sorted({name.split(".", 1)[1] for name in named if "." in name}))

    def times(self, said: Said) -> int:
        """How often the same words stand in this version."""
        whole = self._spoken.wholes[said.whole]
        return max(whole, self._spoken.text.count(said.text)) if len(said.text) >= _TELLING else whole


def edits(before: Side, after: Side, clauses: Clauses, topic: Topic) -> list[Edit]:
    """What each clause did to the statements of a topic, in the clauses' order."""
    found = [_edit(clause, before, after, topic) for clause in clauses]
    for edit in found:
        edit.moved += [said for said in edit.old if _only_moved(said, before, after)]
        edit.moved += [said for said in edit.new if _only_moved(said, after, before)]
        edit.old = [said for said in edit.old if not _only_moved(said, before, after)]
        edit.new = [said for said in edit.new if not _only_moved(said, after, before)]
    _pair_elsewhere(found)
    if topic.name == RETENTION:
        for edit in found:
            edit.unheard = list(_unheard(edit, before, after, topic))
    return found


def _unheard(edit: Edit, before: Side, after: Side, topic: Topic) -> Iterator[Pair]:
    for said in edit.old:
        if other := after.unheard(edit.clause.after_at, topic, said):
            yield said, other
    for said in edit.new:
        if other := before.unheard(edit.clause.before_at, topic, said):
            yield other, said


def _edit(clause: Clause, before: Side, after: Side, topic: Topic) -> Edit:
    edit = Edit(clause, before.said(clause.before_at, topic), after.said(clause.after_at, topic))
    same = _take_pairs(edit.old, edit.new, _says_the_same, 1.0)
    edit.same = [(o, n) for o, n in same if normal(o.statement.text) != normal(n.statement.text)]
    if _only_split(edit.old, edit.new):
        edit.same += [(edit.old[0], edit.new[0])]
        edit.old, edit.new = [], []
    edit.pairs = _take_pairs(edit.old, edit.new, likeness, _LIKE)
    if len(edit.old) == len(edit.new) == 1:
        timed = edit.old[0].statement.periods and edit.new[0].statement.periods
        edit.pairs += _take_pairs(edit.old, edit.new, likeness, _LIKE_TIMED if timed else _LIKE_ALONE)
    return edit


_JOINING = frozenset(
    "and then after that this we it they them which thereafter afterwards also is are".split()
)


def _only_split(old: list[Said], new: list[Said]) -> bool:
    """Whether the same words only make more or fewer sentences now."""
    if not old or not new or len(old) == len(new):
        return False
    words = [
        {w for said in side for w in tokens(said.statement.text).words} - _JOINING for side in (old, new)
    ]
    return words[0] == words[1]


def _only_moved(said: Said, here: Side, there: Side) -> bool:
    """Whether the same words stand in the other version as often as in this one."""
    return there.times(said) >= here.times(said)


def _pair_elsewhere(found: list[Edit]) -> None:
    """Pair a statement that one clause lost with its like that another clause brought."""
    gone = [said for edit in found for said in edit.old]
    # The only statement that went and the only one that came are the likelier one and the same.
    alone = len(gone) == sum(len(edit.new) for edit in found) == 1
    for edit in found:
        edit.pairs += _take_pairs(gone, edit.new, likeness, _LIKE_ALONE if alone else _LIKE_ELSEWHERE)
    for edit in found:
        edit.old = [said for said in edit.old if any(said is left for left in gone)]


def _take_pairs(
    old: list[Said], new: list[Said], like: Callable[[Said, Said], float], least: float
) -> list[Pair]:
    """The likest pairs, likest first, taken out of both lists."""
    scored = [(like(o, n), i, j) for i, o in enumerate(old) for j, n in enumerate(new)]
    scored = sorted((s for s in scored if s[0] >= least), key=lambda s: (-s[0], s[1], s[2]))
    left_old, left_new = set(range(len(old))), set(range(len(new)))
    pairs = []
    for _, i, j in scored:
        if i in left_old and j in left_new:
            left_old.remove(i)
            left_new.remove(j)
            pairs.append((old[i], new[j]))
    old[:] = [old[i] for i in sorted(left_old)]
    new[:] = [new[j] for j in sorted(left_new)]
    return pairs


def _says_the_same(one: Said, other: Said) -> float:
    """1 for the same words about the same data and time: "then" and "this data" may mean something else."""
    alike = (
        one.statement.objects == other.statement.objects and one.statement.periods == other.statement.periods
    )
    return float(one.whole == other.whole and alike)


def likeness(one: Said, other: Said) -> float:
    """The share of words that two statements have in common, 0 to 1."""
    return _alike(one.statement.text, other.statement.text)


def _alike(one: str, other: str) -> float:
    first, second = set(tokens(one).words), set(tokens(other).words)
    return 2 * len(first & second) / max(len(first) + len(second), 1)


@lru_cache(maxsize=16384)  # most sentences of a version stood in the one before it
def squeezed(text: str) -> str:
    """A text without all that a reader does not read as words: spaces, signs, case, addresses."""
    return _NOT_A_WORD.sub("", _NOISE.sub(" ", text).lower())
