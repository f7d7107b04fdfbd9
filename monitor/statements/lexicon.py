"""Texts as words, and word classes: where each of them occurs in a text.

An entry of a class is a word, a word's beginning ("improv*") or a phrase; in a phrase, `..4` lets at most
four other words stand between two ("turn* ..4 off"). An entry in capitals ("AI") is found in capitals only.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

_TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+(?:['’][^\W_\u3400-\u9fff]+)*")
_ELISION = re.compile(
    r"(?:(?P<before>[^\W\d_]{1,2})['’](?P<rest>.+)|(?P<word>.+?)['’](?P<tail>ll|re|ve|s|d|m))$", re.I
)

Span = tuple[int, int]
"""First token and the one after the last."""


class PatternError(ValueError):
    """A pattern that cannot be understood; the message says what and how to write it."""


@dataclass(frozen=True)
class Tokens:
    """A text as words: lower case, apostrophes straight, each Chinese sign a word of its own."""

    text: str
    words: tuple[str, ...]
    raw: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.words)

    def slice(self, span: Span) -> str:
        """The text from the first to the last token of a span."""
        return self.text[self.starts[span[0]] : self.ends[span[1] - 1]]

    def at(self, offset: int) -> int:
        """The position of the first token that ends after a character offset."""
        return bisect_left(self.ends, offset + 1)


def tokens(text: str) -> Tokens:
    """The words of a text with their places in it."""
    raw, starts = [], []
    for match in _TOKEN.finditer(text):
        word, start = match[0], match.start()
        if not word.isalnum():  # an apostrophe
            for part, at in _parts(word, start):
                raw.append(part)
                starts.append(at)
            continue
        raw.append(word)
        starts.append(start)
    ends = tuple([start + len(part) for start, part in zip(starts, raw, strict=True)])
    words = tuple([part.lower() for part in raw])
    if "’" in text:
        words = tuple([word.replace("’", "'") for word in words])
    return Tokens(text, words, tuple(raw), tuple(starts), ends)


def _parts(word: str, start: int) -> Iterable[tuple[str, int]]:
    """A word without what is elided onto it: "l'entraînement", "you'll"; "don't" stays whole."""
    match = _ELISION.match(word)
    if not match:
        return ((word, start),)
    if match["before"]:
        return ((match["before"], start), (match["rest"], start + match.start("rest")))
    return ((match["word"], start),)


# --- word classes ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Entry:
    """A word, beginning or phrase of a class."""

    names: tuple[str, ...]  # its class, and the class that this is part of
    first: str
    rest: tuple[_Word, ...]  # the words after the first
    capitals: tuple[str, ...]  # "US": the word as written, when it must be found in capitals

    def end(self, at: int, text: Tokens) -> int:
        """Where the entry ends whose first word was found here; 0 when it does not stand here whole."""
        n = at + 1
        for word, begins, gap in self.rest:
            last = min(n + gap + 1, len(text.words))
            while n < last and not (text.words[n].startswith(word) if begins else text.words[n] == word):
                n += 1
            if n == last:
                return 0
            n += 1
        spelt = not self.capitals or self.capitals == text.raw[at : at + len(self.capitals)]
        return n if spelt else 0


_Word = tuple[str, bool, int]
"""A word of a phrase, whether it is a beginning, and how many words may stand before it."""


@dataclass(frozen=True)
class _Start:
    """The entries that a word may begin, sorted by what has to follow it."""

    words: tuple[_Entry, ...]  # nothing
    phrases: Mapping[str, tuple[_Entry, ...]]  # this word
    others: tuple[_Entry, ...]
    names: frozenset[str]  # of all of them

    def phrases_at(self, at: int, text: Tokens) -> Iterator[tuple[_Entry, int]]:
        """The entries of several words that stand whole where the word was found, and where they end."""
        following = text.words[at + 1] if at + 1 < len(text.words) else ""
        for entry in (*self.phrases.get(following, ()), *self.others):
            if end := entry.end(at, text):
                yield entry, end


def _start(entries: tuple[_Entry, ...]) -> _Start:
    words, others = [], []
    phrases: dict[str, list[_Entry]] = {}
    for entry in entries:
        if not entry.rest and not entry.capitals:
            words.append(entry)
        elif entry.rest and entry.rest[0][1:] == (False, 0):
            phrases.setdefault(entry.rest[0][0], []).append(entry)
        else:
            others.append(entry)
    by_next = {word: tuple(found) for word, found in phrases.items()}
    names = frozenset(name for entry in entries for name in entry.names)
    return _Start(tuple(words), by_next, tuple(others), names)


@dataclass(frozen=True)
class Lexicon:
    """Named word classes; a class "object.inputs" is also part of the class "object"."""

    exact: Mapping[str, tuple[_Entry, ...]]
    beginnings: Mapping[str, tuple[_Entry, ...]]  # by their first letter
    names: frozenset[str]
    _seen: dict[str, _Start | None] = field(default_factory=dict, compare=False, repr=False)
    _last: dict[str, dict[str, list[Span]]] = field(default_factory=dict, compare=False, repr=False)

    def find(self, text: Tokens) -> dict[str, list[Span]]:
        """Where each word class occurs in a text."""
        found: dict[str, list[Span]] = {}
        for at, word in enumerate(text.words):
            start = self._seen[word] if word in self._seen else self._look_up(word)
            if start is None:
                continue
            for entry in start.words:
                for name in entry.names:
                    found.setdefault(name, []).append((at, at + 1))
            if start.phrases or start.others:
                for entry, end in start.phrases_at(at, text):
                    for name in entry.names:
                        found.setdefault(name, []).append((at, end))
        return found

    def find_in(self, text: str) -> dict[str, list[Span]]:
        """The same for a text as written, remembered for the next call: sentences share a heading."""
        if text not in self._last:
            self._last.clear()
            self._last[text] = self.find(tokens(text))
        return self._last[text]

    def has_any(self, text: Tokens, names: frozenset[str]) -> bool:
        """Whether any of these classes occurs in a text: a cheap first look."""
        for at, word in enumerate(text.words):
            start = self._seen[word] if word in self._seen else self._look_up(word)
            if start is None:
                continue
            if not start.names.isdisjoint(names) and (
                any(not names.isdisjoint(entry.names) for entry in start.words)
                or any(not names.isdisjoint(entry.names) for entry, _ in start.phrases_at(at, text))
            ):
                return True
        return False

    def knows(self, word: str) -> bool:
        """Whether an entry may begin with a word."""
        return (self._seen[word] if word in self._seen else self._look_up(word)) is not None

    def _look_up(self, word: str) -> _Start | None:
        begun = tuple([e for e in self.beginnings.get(word[:1], ()) if word.startswith(e.first)])
        found = self.exact.get(word, ()) + begun
        self._seen[word] = _start(found) if found else None
        return self._seen[word]


def lexicon(classes: Mapping[str, Iterable[str]]) -> Lexicon:
    """Word classes from their entries: words, beginnings ("improv*") and phrases ("opt* out").

    An entry in capitals ("AI", "US") is found in capitals only.
    """
    exact: dict[str, list[_Entry]] = {}
    beginnings: dict[str, list[_Entry]] = {}
    for name, entries in classes.items():
        # A literal of a pattern ("=e.g") is no member of another class.
        parent = name if name.startswith("=") else name.split(".")[0]
        names = tuple(dict.fromkeys((name, parent)))
        for written in entries:
            (first, begins, _), *rest = _entry_words(written)
            capitals = tuple(written.split()) if written.isupper() else ()
            entry = _Entry(names, first, tuple(rest), capitals if len(written) > 1 else ())
            if begins:
                beginnings.setdefault(first[:1], []).append(entry)
            else:
                exact.setdefault(first, []).append(entry)
    return Lexicon(
        {word: tuple(found) for word, found in exact.items()},
        {letter: tuple(found) for letter, found in beginnings.items()},
        frozenset(classes),
    )


def _entry_words(written: str) -> list[_Word]:
    words: list[_Word] = []
    gap = 0
    for match in re.finditer(r"\.\.(\d)(?=\s)|(\S+?)(\*?)(?=[\s-]|$)", written):
        if match[1]:
            gap = int(match[1])
            continue
        parts = tokens(match[2]).words
        words += [(part, False, gap if n == 0 else 0) for n, part in enumerate(parts[:-1])]
        words += [(part, bool(match[3]), gap if len(parts) == 1 else 0) for part in parts[-1:]]
        gap = 0
    if not words:
        raise PatternError(f'"{written}" holds no word; write a word, "begin*" or a phrase')
    return words
