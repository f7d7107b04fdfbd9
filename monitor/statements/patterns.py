"""The pattern language of the rule files: word classes and distances, matched on tokens.

A pattern is one or more chains joined by `&`, all of which must be found. A chain is elements that
follow each other: next to each other ("{opt} out"), at most N words apart ("{use} ..12 {train}",
`..` alone is ..10), or near each other in either order ("{train} ~8 {data}"). An element is a word,
a word's beginning ("improv*"), a word class of the file ("{train}"), or several of them ("a|{b}").
Nothing in it is a regular expression, so matching is bounded by words times hits and cannot hang.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

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
        for part, start in _parts(match[0], match.start()):
            raw.append(part)
            starts.append(start)
    ends = tuple(start + len(part) for start, part in zip(starts, raw, strict=True))
    return Tokens(
        text, tuple(part.replace("’", "'").lower() for part in raw), tuple(raw), tuple(starts), ends
    )


def _parts(word: str, start: int) -> Iterable[tuple[str, int]]:
    """A word without what is elided onto it: "l'entraînement", "you'll"; "don't" stays whole."""
    match = _ELISION.match(word) if "'" in word or "’" in word else None
    if not match:
        return ((word, start),)
    if match["before"]:
        return ((match["before"], start), (match["rest"], start + match.start("rest")))
    return ((match["word"], start),)


# --- word classes ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Entry:
    name: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Lexicon:
    """Named word classes; a class "object.inputs" is also part of the class "object"."""

    exact: Mapping[str, tuple[_Entry, ...]]
    beginnings: tuple[_Entry, ...]
    names: frozenset[str]
    _seen: dict[str, tuple[_Entry, ...]] = field(default_factory=dict, compare=False, repr=False)

    def find(self, text: Tokens) -> dict[str, list[Span]]:
        """Where each word class occurs in a text."""
        found: dict[str, list[Span]] = {}
        for at, word in enumerate(text.words):
            entries = self._seen.get(word)
            if entries is None:
                entries = self._seen[word] = self._entries(word)
            for entry in entries:
                end = at + len(entry.words)
                if len(entry.words) == 1 or _follows(entry.words, text, at):
                    if entry.words[0].isupper() and not _in_capitals(entry.words, text.raw[at:end]):
                        continue
                    found.setdefault(entry.name, []).append((at, end))
        return found

    def _entries(self, word: str) -> tuple[_Entry, ...]:
        return self.exact.get(word, ()) + tuple(
            e for e in self.beginnings if word.startswith(e.words[0][:-1])
        )


def _follows(words: tuple[str, ...], text: Tokens, at: int) -> bool:
    if at + len(words) > len(text):
        return False
    return all(_same(word, text.words[at + n]) for n, word in enumerate(words))


def _same(word: str, found: str) -> bool:
    return found.startswith(word[:-1]) if word.endswith("*") else found == word.lower()


def _in_capitals(words: tuple[str, ...], raw: tuple[str, ...]) -> bool:
    return all(word == found for word, found in zip(words, raw, strict=False) if word.isupper())


def lexicon(classes: Mapping[str, Iterable[str]]) -> Lexicon:
    """Word classes from their entries: words, beginnings ("improv*") and phrases ("opt* out").

    An entry in capitals ("AI", "US") is found in capitals only.
    """
    exact: dict[str, list[_Entry]] = {}
    beginnings = []
    for name, entries in classes.items():
        for written in entries:
            entry = _Entry(name, _entry_words(written))
            if entry.words[0].endswith("*"):
                beginnings.append(entry)
            else:
                exact.setdefault(entry.words[0].lower(), []).append(entry)
    return Lexicon(
        {word: tuple(found) for word, found in exact.items()}, tuple(beginnings), frozenset(classes)
    )


def _entry_words(written: str) -> tuple[str, ...]:
    words = []
    for match in re.finditer(r"(\S+?)(\*?)(?=[\s-]|$)", written):
        parts = tokens(match[1])
        if not parts.raw:
            continue
        keep = [part if part.isupper() and len(part) > 1 else part.lower() for part in parts.raw]
        words += [*keep[:-1], keep[-1].replace("’", "'") + match[2]]
    if not words:
        raise PatternError(f'"{written}" holds no word; write a word, "begin*" or a phrase')
    return tuple(words)


# --- patterns ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """An element of a chain and how far from the one before it may stand."""

    classes: tuple[str, ...]
    gap: int = 0
    ordered: bool = True


Chain = tuple[Step, ...]


@dataclass(frozen=True)
class Pattern:
    """Chains that must all be found. `literals` are the word classes that the pattern itself brings."""

    text: str
    chains: tuple[Chain, ...]
    literals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


_CLASS = re.compile(r"\{([a-z][a-z0-9_.-]*)\}")
_GAP = re.compile(r"(\.\.|~)(\d{0,3})")


def pattern(text: str, classes: Iterable[str]) -> Pattern:
    """A pattern as written, checked against the word classes of its file."""
    known = set(classes)
    literals: dict[str, tuple[str, ...]] = {}
    chains = tuple(_chain(part.split(), text, known, literals) for part in text.split("&"))
    return Pattern(text, chains, literals)


def _chain(words: list[str], text: str, known: set[str], literals: dict[str, tuple[str, ...]]) -> Chain:
    steps: list[Step] = []
    gap, ordered, waiting = 0, True, True
    for word in words:
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
    return tuple(steps)


def _distance(match: re.Match[str], text: str) -> int:
    distance = int(match[2] or DEFAULT_GAP)
    if distance > LONGEST_GAP:
        raise PatternError(f'"{text}": {match[0]} is too far; at most {LONGEST_GAP} words, or use "&"')
    return distance


def _element(word: str, text: str, known: set[str], literals: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    names: list[str] = []
    for part in word.split("|"):
        if match := _CLASS.fullmatch(part):
            members = [name for name in known if name == match[1] or name.startswith(f"{match[1]}.")]
            if not members:
                raise PatternError(
                    f'"{text}": no word class is named "{match[1]}"; known are {", ".join(sorted(known))}'
                )
            names += sorted(members)
            continue
        if not part or set(part) & set("{}[]()^$+?\\"):
            raise PatternError(f'"{text}": "{part}" is not a word, a beginning like "train*", or a {{class}}')
        literals[f"={part}"] = (part.replace("_", " "),)
        names.append(f"={part}")
    return tuple(names)


Hits = Mapping[str, list[Span]]


def search(wanted: Pattern, hits: Hits, own: Span) -> tuple[Span, ...] | None:
    """The spans that make a pattern fire, or None; its first chain must touch the span `own`."""
    found: list[Span] = []
    for number, chain in enumerate(wanted.chains):
        spans = _search_chain(chain, hits, own if number == 0 else None)
        if spans is None:
            return None
        found += spans
    return tuple(found)


def _search_chain(chain: Chain, hits: Hits, own: Span | None) -> tuple[Span, ...] | None:
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


def _hits_of(step: Step, hits: Hits) -> list[Span]:
    return sorted(span for name in step.classes for span in hits.get(name, ()))


def _near(last: Span, span: Span, step: Step) -> bool:
    if 0 <= span[0] - last[1] <= step.gap:
        return True
    return not step.ordered and 0 <= last[0] - span[1] <= step.gap
