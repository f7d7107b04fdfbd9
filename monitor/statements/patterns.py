"""The pattern language of the rule files: word classes and distances, matched on tokens.

A pattern is one or more chains joined by `&`, all of which must be found. A chain is elements that
follow each other: next to each other ("{opt} out"), at most N words apart ("{use} ..12 {train}",
`..` alone is ..10), or near each other in either order ("{train} ~8 {data}"). An element is a word,
a word's beginning ("improv*"), a word class of the file ("{train}"), or several of them ("a|{b}").
A chain that begins with ^ is looked for before the sentence only, in its lead-in and heading; one that
begins with : in its lead-in alone.
Nothing in it is a regular expression, so matching is bounded by words times hits and cannot hang.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from monitor.statements.lexicon import PatternError, Span
from monitor.watchlist.spelling import nearest

DEFAULT_GAP = 10
LONGEST_GAP = 80
_ANYWHERE = 1_000_000

# --- patterns ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """An element of a chain and how far from the one before it may stand."""

    classes: tuple[str, ...]
    gap: int = 0
    ordered: bool = True


@dataclass(frozen=True)
class Chain:
    """Steps that follow each other; `before` looks in lead-in and heading alone, `leads` in the lead-in."""

    steps: tuple[Step, ...]
    before: bool = False
    leads: bool = False

    def where(self, own: Span) -> Span:
        """Where such a chain is looked for, before the sentence `own`."""
        return (0 if self.leads else -_ANYWHERE, own[0])


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
    leads = words[:1] == [":"]
    before = leads or words[:1] == ["^"]
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
    return Chain(tuple(steps), before, leads)


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
                    f'"{text}": no word class is named "{match[1]}"; {_meant(match[1], known)}'
                )
            names.append(match[1])
            continue
        if not part or set(part) & set("{}[]()^$+?\\"):
            raise PatternError(f'"{text}": "{part}" is not a word, a beginning like "train*", or a {{class}}')
        literals[f"={part}"] = (part.replace("_", " "),)
        names.append(f"={part}")
    return tuple(names)


def _meant(name: str, known: Iterable[str]) -> str:
    """What a misspelt class may have been meant for."""
    every = sorted(known)
    if near := nearest(name, every):
        return f"did you mean {{{near}}}?"
    return f"known are {', '.join(every)}"


Hits = Mapping[str, list[Span]]


def search(wanted: Pattern, hits: Hits, own: Span) -> tuple[Span, ...] | None:
    """The spans that make a pattern fire, or None; its first chain must touch the span `own`."""
    if not wanted.may_fire(hits):
        return None
    found: list[Span] = []
    for number, chain in enumerate(wanted.chains):
        where = chain.where(own) if chain.before else own if number == 0 else None
        spans = _search_chain(chain.steps, hits, where)
        if spans is None:
            return None
        found += spans
    return tuple(found)


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
        where = chain.where(own) if chain.before else own if number == 0 else None
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
