"""Blocks that toggle between fetches: a testimonial, a promotion, an id that is another one each time.

A place is what stands between two blocks that did not change. It rotates when, within 14 days, its words
changed three times and came back to former ones, or changed four times, in texts that were accepted,
waited or were withdrawn, the new one included: terms are not edited so. Such a place is left out of the
comparison, and never takes anything else with it:

- a statement, a period or a word of a topic is never left out;
- a clause that binds somebody is not, where nothing that stood there before did;
- where a block that stood in all those texts is gone, or more blocks came than ever stood there, or
  something moved, the whole place is compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import combinations

from monitor.diff import diff
from monitor.model import Block, Blocks, Clause, ClauseKind, Clauses, Reason, Text
from monitor.normal import key
from monitor.statements.durations import durations
from monitor.statements.lexicon import tokens
from monitor.statements.read import language_of
from monitor.statements.rules import Rules, Topic
from monitor.statements.texts import statements

TURNS = 3  # with a return to former words
TURNS_TO_NEW = 4
WITHIN = timedelta(days=14)
WIDEST = 6  # blocks of a place
SHOWN = 80  # characters of a block that was left out
KINDS = (ClauseKind.EDITED, ClauseKind.ADDED, ClauseKind.REMOVED)

# Words, bare of typography, with which a text binds or frees somebody.
BINDS = re.compile(
    r"\b(?:shall|must|may(?! \d)|agrees?|liable|liability|terminat\w+|governed|waives?|indemnif\w+|warrant\w*"
    r"|entitled|responsible for|prohibited|reserves? the right|arbitration|refund\w*|muss|müssen|darf|dürfen"
    r"|haft\w+|doit|doivent|responsables?|debe[nrs]?|puede[ns]?)\b|应当|不得|有权|责任|禁止|しなければ|ものとします|하여야|책임"
)

Keys = tuple[str, ...]
Ends = tuple[str, str]
Matters = Callable[[Block], bool]
"""Whether a block bears on a topic."""


class Comparison:
    """What differs between two texts, and what of it is left out because it rotates in the last texts.

    `looks` are texts of the change in question itself, seen but not settled: a waiting candidate.
    """

    def __init__(
        self,
        before: Blocks,
        after: Text,
        recent: Sequence[Text],
        matters: Matters,
        looks: Sequence[Text] = (),
    ) -> None:
        self._before, self._after, self._recent, self._matters = before, after, recent, matters
        self._looks = looks
        found = diff(before, after.blocks)
        enough = found and _may_turn([text.at for text in (*recent, *looks, after)])
        idle = [clause for clause in found if enough and not any(map(matters, _blocks(clause)))]
        places = _Places(found, before, after, recent, looks) if idle else None
        self.left_out = tuple(clause for clause in idle if places and places.rotates(clause))
        self.clauses = tuple(clause for clause in found if clause not in self.left_out)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What is left out, in words."""
        if not self.left_out:
            return ()
        texts = [clause.after or clause.before for clause in self.left_out]
        shown = "; ".join(f"“{block.text[:SHOWN]}”" for block in texts if block)
        return (Reason("rotating", f"rotating: left out, for it is another one each time: {shown}"),)

    def says_the_same_of(self, other: Text) -> bool:
        """Whether another text brings the same edits, and differs only in what rotates."""
        if not self.left_out:
            return False
        looks = (*self._looks, self._after)
        there = Comparison(self._before, other, self._recent, self._matters, looks)
        return _edits(there.clauses) == _edits(self.clauses)


def _may_turn(times: Sequence[datetime]) -> bool:
    """Whether so many texts after the first stand near enough in time that a place may have rotated."""
    near = (pair for pair in combinations(enumerate(times[1:]), 2) if pair[1][0] - pair[0][0] >= TURNS - 1)
    return any(last - first <= WITHIN for (_, first), (_, last) in near)


class _Places:
    """The places in which clauses stand, and what stood in them lately."""

    def __init__(
        self,
        clauses: Clauses,
        before: Blocks,
        after: Text,
        recent: Sequence[Text],
        looks: Sequence[Text],
    ) -> None:
        self._texts = [(text.at, _keys(text.blocks)) for text in (*recent, *looks, after)]
        self._settled = [frozenset(_keys(text.blocks)) for text in recent]
        self._old, self._new = (tuple(map(key, blocks)) for blocks in (before, after.blocks))
        self._gone = frozenset(clause.before_at for clause in clauses)
        self._came = frozenset(clause.after_at for clause in clauses)
        self._moved = frozenset(
            key(block) for clause in clauses if clause.kind not in KINDS for block in _blocks(clause)
        )

    def rotates(self, clause: Clause) -> bool:
        """Whether a clause stands in a place that rotates."""
        if clause.kind not in KINDS or self._stood_still(clause):
            return False
        places = set()
        if clause.before_at is not None:
            places.add(_ends(self._old, self._gone, clause.before_at))
        if clause.after_at is not None:
            places.add(_ends(self._new, self._came, clause.after_at))
        return len(places) == 1 and self._turned(places.pop())

    def _stood_still(self, clause: Clause) -> bool:
        """Whether the block that is gone stood in every settled text: then this is an edit of it."""
        if clause.before is None:
            return False
        gone = key(clause.before)
        return all(gone in keys for keys in self._settled)

    def _turned(self, ends: Ends) -> bool:
        stood = [(at, found) for at, keys in self._texts if (found := _between(keys, ends)) is not None]
        if len(stood) <= TURNS or stood[-1][0] != self._texts[-1][0]:
            return False
        *former, (_, new) = stood
        always = frozenset.intersection(*(frozenset(keys) for _, keys in former[-TURNS:]))
        most = max(len(keys) for _, keys in former)
        if not always <= set(new) or len(new) > most or self._moved & set(new):
            return False
        other = {words for _, keys in former if keys != new for words in keys}
        if any(map(BINDS.search, new)) and not any(map(BINDS.search, other)):
            return False
        turns = [entry for entry, last in zip(stood[1:], stood, strict=False) if entry[1] != last[1]]
        returned = len({stood[0][1], *(keys for _, keys in turns)}) <= len(turns)
        enough = TURNS if returned else TURNS_TO_NEW
        return any(b - a <= WITHIN for (a, _), (b, _) in zip(turns, turns[enough - 1 :], strict=False))


def _ends(keys: Keys, changed: frozenset[int | None], at: int) -> Ends:
    """The nearest unchanged blocks around a place; "" at the ends of the text."""
    above = (keys[i] for i in range(at - 1, -1, -1) if i not in changed and keys[i])
    below = (keys[i] for i in range(at + 1, len(keys)) if i not in changed and keys[i])
    return next(above, ""), next(below, "")


def _between(keys: Keys, ends: Ends) -> Keys | None:
    """What stands between two blocks; None where they do not stand near each other, once each."""
    above, below = ends
    if any(keys.count(end) != 1 for end in ends if end):
        return None
    start = keys.index(above) + 1 if above else 0
    stop = keys.index(below) if below else len(keys)
    return keys[start:stop] if 0 <= stop - start <= WIDEST else None


def _keys(blocks: Blocks) -> Keys:
    return tuple(found for block in blocks if (found := key(block)))


def _blocks(clause: Clause) -> Iterator[Block]:
    yield from (block for block in (clause.before, clause.after) if block is not None)


def bears(block: Block, rules: Rules, language: str) -> bool:
    """Whether a block holds a period, a deed of a topic ("train", "keep") or a statement.

    So does any block in a language without rules.
    """
    spoken = language_of(block.text, language)
    if spoken not in rules.languages or durations(block.text):
        return True
    words = tokens(block.text)
    if any(topic.words[spoken].has_any(words, _deeds(topic, spoken)) for topic in rules.topics.values()):
        return True
    return bool(statements((block,), rules, language))


def _deeds(topic: Topic, language: str) -> frozenset[str]:
    """The word classes of what is done with data; a topic without such is known by its rules' own words."""
    names = topic.words[language].names
    return frozenset(name for name in names if name.startswith("action.")) or topic.anchors[language]


def _edits(clauses: Clauses) -> list[tuple[str, ...]]:
    """What clauses say, so that the same edits of two texts are recognised."""
    return [
        (clause.kind, *(key(block) if block else "" for block in (clause.before, clause.after)))
        for clause in clauses
    ]
