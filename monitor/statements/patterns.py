"""The pattern language of the rule files: word classes and distances, matched on tokens.

A pattern is one or more chains joined by `&`, all of which must be found. A chain is elements that
follow each other: next to each other ("{opt} out"), at most N words apart ("{use} ..12 {train}",
`..` alone is ..10), or near each other in either order ("{train} ~8 {data}"). An element is a word,
a word's beginning ("improv*"), a word class of the file ("{train}"), or several of them ("a|{b}").
A chain that begins with ^ is looked for before the sentence only: in its lead-in and heading.
Nothing in it is a regular expression, so matching is bounded by words times hits and cannot hang.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

_TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+(?:['’][^\W_\u3400-\u9fff]+)*")
_ELISION = re.compile(
    r"(?:(?P<before>[^\W\d_]{1,2})['’](?P<rest>.+)|(?P<word>.+?)['’](?P<tail>ll|re|ve|s|d|m))$", re.I
)

DEFAULT_GAP = 10
LONGEST_GAP = 80

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
    rest: tuple[tuple[str, bool], ...]  # the words after the first; True for a beginning
    capitals: tuple[str, ...]  # "US": the word as written, when it must be found in capitals

    def stands_at(self, at: int, text: Tokens) -> bool:
        """Whether the whole entry stands where its first word was found."""
        n = at + 1
        if n + len(self.rest) > len(text.words):
            return False
        for word, begins in self.rest:
            found = text.words[n]
            if not (found.startswith(word) if begins else found == word):
                return False
            n += 1
        return not self.capitals or self.capitals == text.raw[at : at + len(self.capitals)]


@dataclass(frozen=True)
class _Start:
    """The entries that a word may begin, sorted by what has to follow it."""

    words: tuple[_Entry, ...]  # nothing
    phrases: Mapping[str, tuple[_Entry, ...]]  # this word
    others: tuple[_Entry, ...]

    def standing(self, at: int, text: Tokens) -> tuple[_Entry, ...]:
        """The entries that stand whole where the word was found."""
        if not self.phrases and not self.others:
            return self.words
        following = text.words[at + 1] if at + 1 < len(text.words) else ""
        phrases = [e for e in self.phrases.get(following, ()) if e.stands_at(at, text)]
        others = [e for e in self.others if e.stands_at(at, text)]
        return (*self.words, *phrases, *others)


def _start(entries: Iterable[_Entry]) -> _Start:
    words, others = [], []
    phrases: dict[str, list[_Entry]] = {}
    for entry in entries:
        if not entry.rest and not entry.capitals:
            words.append(entry)
        elif entry.rest and not entry.rest[0][1]:
            phrases.setdefault(entry.rest[0][0], []).append(entry)
        else:
            others.append(entry)
    return _Start(tuple(words), {word: tuple(found) for word, found in phrases.items()}, tuple(others))


@dataclass(frozen=True)
class Lexicon:
    """Named word classes; a class "object.inputs" is also part of the class "object"."""

    exact: Mapping[str, tuple[_Entry, ...]]
    beginnings: tuple[_Entry, ...]
    names: frozenset[str]
    _seen: dict[str, _Start | None] = field(default_factory=dict, compare=False, repr=False)

    def find(self, text: Tokens) -> dict[str, list[Span]]:
        """Where each word class occurs in a text."""
        found: dict[str, list[Span]] = {}
        for at, word in enumerate(text.words):
            start = self._seen[word] if word in self._seen else self._look_up(word)
            if start is None:
                continue
            for entry in start.standing(at, text):
                span = (at, at + 1 + len(entry.rest))
                for name in entry.names:
                    found.setdefault(name, []).append(span)
        return found

    def has_any(self, text: Tokens, names: frozenset[str]) -> bool:
        """Whether any of these classes occurs in a text: a cheap first look."""
        for at, word in enumerate(text.words):
            start = self._seen[word] if word in self._seen else self._look_up(word)
            if start is None:
                continue
            for entry in start.standing(at, text):
                if entry.names[0] in names or entry.names[-1] in names:
                    return True
        return False

    def _look_up(self, word: str) -> _Start | None:
        begun = tuple(entry for entry in self.beginnings if word.startswith(entry.first))
        found = self.exact.get(word, ()) + begun
        self._seen[word] = _start(found) if found else None
        return self._seen[word]


def lexicon(classes: Mapping[str, Iterable[str]]) -> Lexicon:
    """Word classes from their entries: words, beginnings ("improv*") and phrases ("opt* out").

    An entry in capitals ("AI", "US") is found in capitals only.
    """
    exact: dict[str, list[_Entry]] = {}
    beginnings = []
    for name, entries in classes.items():
        # A literal of a pattern ("=e.g") is no member of another class.
        parent = name if name.startswith("=") else name.split(".")[0]
        names = tuple(dict.fromkeys((name, parent)))
        for written in entries:
            (first, begins), *rest = _entry_words(written)
            capitals = tuple(written.split()) if written.isupper() else ()
            entry = _Entry(names, first, tuple(rest), capitals if len(written) > 1 else ())
            if begins:
                beginnings.append(entry)
            else:
                exact.setdefault(first, []).append(entry)
    return Lexicon(
        {word: tuple(found) for word, found in exact.items()}, tuple(beginnings), frozenset(classes)
    )


def _entry_words(written: str) -> list[tuple[str, bool]]:
    words: list[tuple[str, bool]] = []
    for match in re.finditer(r"(\S+?)(\*?)(?=[\s-]|$)", written):
        parts = tokens(match[1]).words
        words += [(part, False) for part in parts[:-1]]
        words += [(part, bool(match[2])) for part in parts[-1:]]
    if not words:
        raise PatternError(f'"{written}" holds no word; write a word, "begin*" or a phrase')
    return words


# --- patterns ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """An element of a chain and how far from the one before it may stand."""

    classes: tuple[str, ...]
    gap: int = 0
    ordered: bool = True


@dataclass(frozen=True)
class Chain:
    """Steps that follow each other; `before` looks in lead-in and heading alone."""

    steps: tuple[Step, ...]
    before: bool = False


@dataclass(frozen=True)
class Pattern:
    """Chains that must all be found. `literals` are the word classes that the pattern itself brings."""

    text: str
    chains: tuple[Chain, ...]
    literals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def needs(self) -> tuple[tuple[str, ...], ...]:
        """Word classes, of each of which one must occur for the pattern to fire."""
        return tuple(step.classes for chain in self.chains for step in chain.steps)

    def may_fire(self, hits: Mapping[str, list[Span]]) -> bool:
        """A cheap first look: whether everything that the pattern needs occurs somewhere."""
        found = hits.keys()
        for classes in self.needs:  # noqa: SIM110  # all() over a generator takes twice the time
            if found.isdisjoint(classes):
                return False
        return True


_CLASS = re.compile(r"\{([a-z][a-z0-9_.-]*)\}")
_GAP = re.compile(r"(\.\.|~)(\d{0,3})")


def pattern(text: str, classes: Iterable[str]) -> Pattern:
    """A pattern as written, checked against the word classes of its file."""
    known = {part for name in classes for part in (name, name.split(".")[0])}
    literals: dict[str, tuple[str, ...]] = {}
    chains = tuple(_chain(part.split(), text, known, literals) for part in text.split("&"))
    return Pattern(text, chains, literals)


def _chain(words: list[str], text: str, known: set[str], literals: dict[str, tuple[str, ...]]) -> Chain:
    steps: list[Step] = []
    before = words[:1] == ["^"]
    gap, ordered, waiting = 0, True, True
    for word in words[before:]:
        if match := _GAP.fullmatch(word):
            if waiting:
                raise PatternError(
                    f'"{text}": a distance stands between two words, as in "{{use}} ..12 {{train}}"'
                )
            gap, ordered, waiting = _distance(match, text), match[1] == "..", True
            continue
        steps.append(Step(_element(word, text, known, literals), gap, ordered))
        gap, ordered, waiting = 0, True, False
    if waiting:
        raise PatternError(f'"{text}": a word or {{class}} is missing at the end or beside "&"')
    return Chain(tuple(steps), before)


def _distance(match: re.Match[str], text: str) -> int:
    distance = int(match[2] or DEFAULT_GAP)
    if distance > LONGEST_GAP:
        raise PatternError(f'"{text}": {match[0]} is too far; at most {LONGEST_GAP} words, or use "&"')
    return distance


def _element(word: str, text: str, known: set[str], literals: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    names: list[str] = []
    for part in word.split("|"):
        if match := _CLASS.fullmatch(part):
            if match[1] not in known:
                raise PatternError(
                    f'"{text}": no word class is named "{match[1]}"; known are {", ".join(sorted(known))}'
                )
            names.append(match[1])
            continue
        if not part or set(part) & set("{}[]()^$+?\\"):
            raise PatternError(f'"{text}": "{part}" is not a word, a beginning like "train*", or a {{class}}')
        literals[f"={part}"] = (part.replace("_", " "),)
        names.append(f"={part}")
    return tuple(names)


Hits = Mapping[str, list[Span]]


def search(wanted: Pattern, hits: Hits, own: Span) -> tuple[Span, ...] | None:
    """The spans that make a pattern fire, or None; its first chain must touch the span `own`."""
    if not wanted.may_fire(hits):
        return None
    found: list[Span] = []
    for number, chain in enumerate(wanted.chains):
        where = (-_ANYWHERE, own[0]) if chain.before else own if number == 0 else None
        spans = _search_chain(chain.steps, hits, where)
        if spans is None:
            return None
        found += spans
    return tuple(found)


_ANYWHERE = 1_000_000


def _search_chain(chain: tuple[Step, ...], hits: Hits, own: Span | None) -> tuple[Span, ...] | None:
    # One path for each last element: nearer starts than the first found one change nothing.
    paths: dict[Span, tuple[Span, ...]] = {span: (span,) for span in _hits_of(chain[0], hits)}
    for step in chain[1:]:
        paths = {
            span: (*path, span)
            for span in _hits_of(step, hits)
            for last, path in reversed(paths.items())
            if _near(last, span, step)
        }
        if not paths:
            return None
    inside = (path for path in paths.values() if own is None or any(own[0] <= a < own[1] for a, _ in path))
    return next(inside, None)


def search_all(wanted: Pattern, hits: Hits, own: Span) -> set[Span]:
    """Every span that has a part in making a pattern fire; none when it does not fire."""
    if not wanted.may_fire(hits):
        return set()
    found: set[Span] = set()
    for number, chain in enumerate(wanted.chains):
        where = (-_ANYWHERE, own[0]) if chain.before else own if number == 0 else None
        spans = _parts_of(chain.steps, hits, where)
        if not spans:
            return set()
        found |= spans
    return found


def _parts_of(chain: tuple[Step, ...], hits: Hits, own: Span | None) -> set[Span]:
    layers = [_hits_of(chain[0], hits)]
    for step in chain[1:]:
        layers.append([s for s in _hits_of(step, hits) if any(_near(last, s, step) for last in layers[-1])])
        if not layers[-1]:
            return set()
    # From the end back: a span counts when a way through all steps leads over it.
    kept = set(layers[-1])
    found = set(kept)
    for step, layer in zip(reversed(chain[1:]), reversed(layers[:-1]), strict=True):
        kept = {last for last in layer if any(_near(last, span, step) for span in kept)}
        found |= kept
    return {span for span in found if own is None or own[0] <= span[0] < own[1]}


def _hits_of(step: Step, hits: Hits) -> list[Span]:
    if len(step.classes) == 1:
        return hits.get(step.classes[0], [])
    return sorted(span for name in step.classes for span in hits.get(name, ()))


def _near(last: Span, span: Span, step: Step) -> bool:
    if 0 <= span[0] - last[1] <= step.gap:
        return True
    return not step.ordered and 0 <= last[0] - span[1] <= step.gap
