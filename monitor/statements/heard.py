"""A sentence taken apart: where the word classes occur, and what "it" and "your songs" stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from monitor.model import RETENTION, Duration
from monitor.statements.defined import NO_TERMS, Terms
from monitor.statements.durations import durations
from monitor.statements.facts import HEADING_AT, Hits
from monitor.statements.lexicon import Lexicon, Span, Tokens, tokens
from monitor.statements.rules import DURATION, NUMBER, OWN, Rules, Topic
from monitor.statements.sentences import Sentence
from monitor.statements.titles import titled

Placed = tuple[tuple[Span, Duration], ...]
"""Durations and where they stand."""


@dataclass(frozen=True)
class Around:
    """What a reader knows already: what was permitted by topic, what "this data" refers to, defined terms.

    `above` is the nearest heading, if there is one.
    """

    stated: tuple[tuple[str, str], ...] = ()
    before: str = ""
    terms: Terms = NO_TERMS
    above: tuple[str, ...] = ()

    def on(self, topic: str) -> str | None:
        """The modality that was stated on a topic just before, or None."""
        return next((modality for named, modality in self.stated if named == topic), None)


_COUNTED = re.compile(r"\W{0,2}\d+(?:\.\d+)*(?=[.):]?\s)")


@lru_cache(maxsize=4096)
def heading_above(section: tuple[str, ...], rules: Rules) -> tuple[str, ...]:
    """The nearest heading; a number that no rule knows tells nothing: "3. Fees" reads as "0. Fees" does."""
    for heading in section[-1:]:
        counted = _COUNTED.match(heading)
        if counted and not any(map(rules.know, ("0", *re.findall(r"\d+", counted[0])))):
            return (re.sub(r"\d+", "0", counted[0]) + heading[counted.end() :],)
    return section[-1:]


@dataclass(frozen=True)
class Heard:
    """A sentence taken apart, before any topic's rules."""

    sentence: Sentence
    words: Tokens
    language: str
    periods: Placed
    around: Around

    @cached_property
    def own(self) -> Span:
        """The sentence without its lead-in."""
        lead = self.sentence.lead
        return (self.words.at(len(lead) + 1) if lead else 0, len(self.words))


def placed_durations(words: Tokens) -> Placed:
    """The durations of a sentence, each with the words it is made of."""
    placed = []
    start = 0
    for period in durations(words.text):
        start = words.text.find(period.text, start)
        first = words.at(start)
        start += len(period.text)
        placed.append(((first, max(words.at(start - 1), first) + 1), period))
    return tuple(placed)


def hits_of(heard: Heard, topic: Topic) -> Hits:
    """Where the topic's word classes occur in lead-in and sentence, and far before them in the heading."""
    lexicon = topic.words[heard.language]
    hits = lexicon.find(heard.words)
    if heard.language == "en" and _bids_not(heard):
        hits.setdefault("ban", []).append((heard.own[0], heard.own[0] + 1))
    if "nothing" in hits:
        hits = _nothing_permits(hits)
    if "not_acting" in hits:
        hits = _without_deeds(hits)
    if "only" in hits and "not_negating" in hits:  # "including, but not limited to"
        hits["only"] = _outside(hits["only"], hits["not_negating"])
    hits = _longest(_apart(hits))
    for name, found in _own_things(heard.words, hits):
        hits.setdefault(name, []).append(found)
        hits.setdefault(OWN, []).append(found)
    for name, found in _defined_things(heard, lexicon):
        hits.setdefault(name, []).append(found)
    if heard.around.before and "pronoun" in hits:
        hits = _with_antecedents(hits, heard, lexicon)
    hits[DURATION] = [span for span, _ in heard.periods]
    hits[NUMBER] = [(n, n + 1) for n, word in enumerate(heard.words.words) if word.isdecimal()]
    if topic.name == RETENTION and (quoted := list(titled(heard.words))):
        hits = {name: kept for name, spans in hits.items() if (kept := _outside(spans, quoted))}
    for name, found_there in lexicon.find_in(" ".join(heard.around.above)).items():
        hits[name] = [(a + HEADING_AT, b + HEADING_AT) for a, b in found_there] + hits.get(name, [])
    return hits


def _bids_not(heard: Heard) -> bool:
    """Whether a sentence forbids its reader something: "Please do not use robots to ..."."""
    begins = [word for word in heard.words.words[slice(*heard.own)][:4] if word not in ("please", "and")]
    return begins[:1] == ["don't"] or begins[:2] == ["do", "not"]


_NOTHING_REACHES = 14
"""So many words after "nothing" the permission may stand that it denies."""


def _nothing_permits(hits: Hits) -> Hits:
    """The hits with what "nothing herein entitles us" denies, and without what it lets be: "prevents us"."""
    denying, lifted = set[Span](), set[Span]()
    for nothing in hits["nothing"]:
        ahead = [
            (span, name)
            for name in ("permits", "prevents")
            for span in hits.get(name, ())
            if 0 < span[0] - nothing[0] <= _NOTHING_REACHES
        ]
        if not ahead:
            continue
        nearest, name = min(ahead)
        (denying if name == "permits" else lifted).add(nothing if name == "permits" else nearest)
    starts = {span[0] for span in denying}
    return hits | {
        "not_negating": [span for span in hits.get("not_negating", ()) if span[0] not in starts],
        "not": _outside(hits.get("not", ()), lifted),
    }


def _without_deeds(hits: Hits) -> Hits:
    """The hits without participles that only say which things are meant: "deleted files"."""
    adjectives = {span[0] for span in hits["not_acting"]}
    return {
        name: kept
        for name, found in hits.items()
        if (kept := [s for s in found if s[0] not in adjectives or not name.startswith(("action", "="))])
    }


def _apart(hits: Hits) -> Hits:
    """The hits without denials and exceptions that are part of a choice: "ask us not to"."""
    chosen = [s for s in hits.get("condition.opt-out", ()) if s[1] - s[0] > 1]
    if "not_chosen" in hits:
        for name in ("condition.opt-out", "condition.opt-in", "condition"):
            hits[name] = _outside(hits.get(name, []), hits["not_chosen"])
    for name in ("not", "except"):
        if chosen and name in hits:
            hits[name] = _outside(hits[name], chosen)
    return {name: found for name, found in hits.items() if found}


def _longest(hits: Hits) -> Hits:
    """The hits without kinds of data inside the name of another: "content" in "customer content"."""
    whole = {n for span in hits.get("object", ()) if span[1] - span[0] > 1 for n in range(*span)}
    if not whole:
        return hits
    return {
        name: kept
        for name, found in hits.items()
        if (kept := [s for s in found if not _is_kind(name) or s[1] - s[0] > 1 or s[0] not in whole])
    }


def _is_kind(name: str) -> bool:
    return name == "object" or name.startswith("object.")


def _outside(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    return [span for span in spans if not any(a <= span[0] < b for a, b in others)]


# --- things that belong to customers ---------------------------------------------------------------

_QUALITIES_AT_MOST = 2


def _own_things(words: Tokens, hits: Hits) -> Iterator[tuple[str, Span]]:
    """What people own or send and no word class names: "your recipes", "songs that you upload"."""
    known = {n for span in hits.get("object", ()) for n in range(*span)}
    for at in (*_after_owner(words, hits), *_before_sender(words, hits), *_taken(words, hits)):
        thing = words.words[at]
        behind = (n for n in (at + 1, at + 2) if n in known)
        if (
            at in known
            or any(_adjoin(words, at, n) for n in behind)
            or not thing.isalpha()
            or len(thing) <= 2
            or thing.endswith("ly")
        ):
            continue
        if at and words.raw[at][0].isupper() and not words.text.isupper():  # a name
            continue
        # "What you record" tells of a deed, "your records" of a thing.
        owned = at > 0 and words.words[at - 1] in ("your", "own")
        none = ("no_data",) if owned else ("no_data", "sends")
        if not any(a <= at < b for name in none for a, b in hits.get(name, ())):
            known.add(at)
            yield f"object.{'content' if thing in _ANYTHING else thing}", (at, at + 1)


_ANYTHING = frozenset(("anything", "everything", "whatever", "what", "items", "stuff"))


_SHORT_NAMES = frozenset(("ID", "CV", "GPS", "DNA", "AI", "VR", "CRM", "CAD", "SMS", "IP", "TV"))
"""What may stand before a thing that people own: "your ID scan"."""


def _after_owner(words: Tokens, hits: Hits) -> Iterator[int]:
    qualities = {span[0] for span in hits.get("quality", ())}
    for owner in hits.get("owner", ()):
        at = owner[1]
        while at < len(words) and at in qualities and at - owner[1] < _QUALITIES_AT_MOST:
            at += 1
        if at + 1 < len(words) and words.raw[at] in _SHORT_NAMES:
            at += 1
        if at < len(words):
            yield at


def _before_sender(words: Tokens, hits: Hits) -> Iterator[int]:
    """The word before "(that) you (may) upload"."""
    sends = {span[0] for span in hits.get("sends", ())}
    links = {span[0] for span in hits.get("sends_link", ())}
    for sender in hits.get("sender", ()):
        after = next((n for n in range(sender[1], min(sender[1] + 4, len(words))) if n not in links), -1)
        before = sender[0] - 1
        while before > 0 and words.words[before] in ("that", "which", "our", "the"):
            before -= 1
        if after in sends and before >= 0:
            yield before


_ARTICLES = frozenset(("the", "a", "any", "some", "all", "every", "each"))
_AUXILIARIES = frozenset(
    "be been being is are was were may can will might shall must not never also only then to isn't aren't"
    " won't cannot can't wasn't weren't so still ever".split()
)
_TO_BE = frozenset("be been being is are was were isn't aren't wasn't weren't".split())


def _taken(words: Tokens, hits: Hits) -> Iterator[int]:
    """What is used: the word after "use", and the word before "is used"."""
    qualities = {span[0] for span in hits.get("quality", ())}
    for verb in hits.get("takes", ()):
        at = verb[1]
        while at < len(words) and (at in qualities or words.words[at] in _ARTICLES):
            at += 1
        if at < len(words) and _adjoin(words, verb[1] - 1, at):
            yield at
    for verb in hits.get("taken", ()):
        at = verb[0] - 1
        while at >= 0 and words.words[at] in _AUXILIARIES:
            at -= 1
        if at >= 0 and _TO_BE.intersection(words.words[at + 1 : verb[0]]) and _adjoin(words, at, verb[0]):
            yield at


def _adjoin(words: Tokens, first: int, last: int) -> bool:
    """Whether no comma or other sign stands between two words."""
    return not any(sign in words.text[words.ends[first] : words.starts[last]] for sign in ",;:()")


def _defined_things(heard: Heard, lexicon: Lexicon) -> Iterator[tuple[str, Span]]:
    """Where the document's own terms for data stand, as the data that their definitions name."""
    text = heard.words.text
    for term, means in heard.around.terms:
        at = text.find(term)
        if at < 0:
            continue
        span = heard.words.at(at), heard.words.at(at + len(term) - 1) + 1
        yield OWN, span
        yield from ((name, span) for name in objects_in(means, lexicon))


def objects_in(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    """The classes of data that a text names, with "object" itself."""
    words = tokens(text)
    found = _longest(lexicon.find(words))
    own = [name for name, _ in _own_things(words, found)]
    return (*(name for name in found if _is_kind(name)), *own)


# --- what "it" stands for --------------------------------------------------------------------------


def _with_antecedents(hits: Hits, heard: Heard, lexicon: Lexicon) -> Hits:
    """The hits, with a pronoun as the data of the sentence before where this one names none."""
    if any(heard.own[0] <= span[0] for span in hits.get("object", ())):
        return hits
    improved = {span[1] for name in ("action.improve", "action.develop") for span in hits.get(name, ())}
    pronouns = [
        span
        for span in hits["pronoun"]
        if span[0] not in improved and span[0] >= heard.own[0] and _refers(span, heard)
    ]
    named = _named_before(heard, lexicon)
    if pronouns and named:
        hits |= dict.fromkeys(named, pronouns)
    return hits


_TO_A_THING = frozenset(
    "use uses used using keep keeps hold store delete retain share process from on with of to by in".split()
)


def _refers(pronoun: Span, heard: Heard) -> bool:
    """Whether it may stand for data: "it" does after a verb of use or where the sentence begins with it."""
    at = pronoun[0]
    if heard.words.words[at] not in ("it", "this") or at == heard.own[0]:
        return True
    return heard.words.words[at - 1] in _TO_A_THING


def _named_before(heard: Heard, lexicon: Lexicon) -> list[str]:
    """The data that the sentence before names."""
    found = objects_in(heard.around.before, lexicon)
    return [*found, OWN] if found else []
