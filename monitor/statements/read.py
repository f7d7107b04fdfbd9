"""Sentences to statements: who does what with which data, whether they may, when, and for how long."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitor.model import RETENTION, Duration, Statement
from monitor.statements.durations import durations
from monitor.statements.patterns import Pattern, Span, Tokens, search, tokens
from monitor.statements.rules import DURATION, Rule, Rules, Topic
from monitor.statements.sentences import Sentence

PERMITS, PROHIBITS, CONDITIONAL = "permits", "prohibits", "conditional"

_HEADING_AT = -10_000
"""Where the words of a heading stand: before the sentence, and never near it."""
_EVERYTHING: Span = (_HEADING_AT, 1_000_000)
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_LONGEST_LABEL = 4
"""Words of the longest label; more make a sentence that takes a position before its list."""
_MOST_HIDDEN = 12
"""So often is one confuser looked for in a sentence."""

Hits = dict[str, list[Span]]
Placed = tuple[tuple[Span, Duration], ...]
"""Durations and where they stand."""


def read_block(
    found: Iterable[Sentence], rules: Rules, language: str
) -> Iterator[tuple[Sentence, Statement]]:
    """The statements of a block's sentences; a sentence may lean on a position taken before it."""
    stated: set[str] = set()
    for sentence in found:
        for statement in _read(sentence, rules, language, frozenset(stated)):
            stated.add(statement.topic)
            yield sentence, statement


def _read(sentence: Sentence, rules: Rules, language: str, stated: frozenset[str]) -> tuple[Statement, ...]:
    """The statements of one sentence, at most one a topic; headings and questions take no position."""
    text = sentence.text.rstrip("\"')”*_ ")
    if sentence.is_heading or text.endswith(("?", "？")) or _is_label(text):
        return ()
    spoken = language_of(sentence.text, language)
    if spoken not in rules.languages:
        return ()
    words = tokens(sentence.whole)
    worth = [
        topic for topic in rules.topics.values() if topic.words[spoken].has_any(words, topic.anchors[spoken])
    ]
    if not worth:
        return ()
    heard = Heard(sentence, words, spoken, _placed_durations(words), stated)
    return tuple(statement for topic in worth if (statement := _statement(heard, topic)))


def _is_label(text: str) -> bool:
    """Whether a text only names what follows it: "Retention periods:"."""
    return text.endswith(":") and len(text.split()) <= _LONGEST_LABEL


def language_of(text: str, language: str) -> str:
    """The language whose rules read a sentence: the document's, unless the script says otherwise."""
    if len(_CHINESE.findall(text)) * 4 >= len(text):
        return "zh"
    declared = language.lower().split("-")[0] or "en"
    return "en" if declared == "zh" else declared


@dataclass(frozen=True)
class Heard:
    """A sentence taken apart, before any topic's rules: `stated` are topics its block spoke of before."""

    sentence: Sentence
    words: Tokens
    language: str
    periods: Placed
    stated: frozenset[str]

    @property
    def own(self) -> Span:
        """The sentence without its lead-in."""
        lead = self.sentence.lead
        return (self.words.at(len(lead) + 1) if lead else 0, len(self.words))


def _statement(heard: Heard, topic: Topic) -> Statement | None:
    hits = _unhidden(_hits(heard, topic), topic, heard.language)
    fired = [
        (rule, spans)
        for rule in topic.rules
        if (topic.name in heard.stated or not rule.follows)
        and (spans := _fires(rule, hits, heard.own, heard.language))
    ]
    if not fired:
        return None
    triggers = _triggers([span for _, spans in fired for span in spans], hits)
    facts = Facts(heard.words, hits, heard.own, triggers, heard.language)
    periods = tuple(period for span, period in heard.periods if span[0] >= heard.own[0])
    return _assemble(heard.sentence, topic, facts, fired, periods)


def _hits(heard: Heard, topic: Topic) -> Hits:
    """Where the topic's word classes occur in lead-in and sentence, and far before them in the heading."""
    lexicon = topic.words[heard.language]
    hits = lexicon.find(heard.words)
    hits[DURATION] = [span for span, _ in heard.periods]
    for name, found in lexicon.find(tokens(heard.sentence.heading)).items():
        hits[name] = [(a + _HEADING_AT, b + _HEADING_AT) for a, b in found] + hits.get(name, [])
    return hits


def _placed_durations(words: Tokens) -> Placed:
    placed = []
    start = 0
    for period in durations(words.text):
        start = words.text.find(period.text, start)
        first = words.at(start)
        start += len(period.text)
        placed.append(((first, max(words.at(start - 1), first) + 1), period))
    return tuple(placed)


def _fires(rule: Rule, hits: Hits, own: Span, language: str) -> tuple[Span, ...]:
    for wanted in rule.patterns.get(language, ()):
        if spans := search(wanted, hits, own):
            return spans
    return ()


def _unhidden(hits: Hits, topic: Topic, language: str) -> Hits:
    """The hits that no confuser hides."""
    for confuser in topic.confusers:
        for wanted in confuser.patterns.get(language, ()):
            hits = _hide(hits, wanted, confuser.hides)
    return hits


def _hide(hits: Hits, wanted: Pattern, hides: str) -> Hits:
    for _ in range(_MOST_HIDDEN):
        spans = search(wanted, hits, _EVERYTHING)
        if not spans:
            return hits
        if hides == "sentence":
            return {}
        hits = _without(hits, spans, rest=hides == "rest")
    return hits


def _without(hits: Hits, spans: tuple[Span, ...], *, rest: bool) -> Hits:
    first = min(span[0] for span in spans)
    hidden: tuple[Span, ...] = ((first, _EVERYTHING[1]),) if rest else spans
    return {
        name: kept
        for name, found in hits.items()
        if (kept := [span for span in found if not any(a < span[1] and span[0] < b for a, b in hidden)])
    }


def _triggers(spans: list[Span], hits: Hits) -> tuple[Span, ...]:
    """The verbs that made the rules fire, or else whatever did."""
    actions = set(hits.get("action", ()))
    placed = sorted(span for span in set(spans) if span[0] >= 0)
    return tuple(span for span in placed if span in actions) or tuple(placed) or ((0, 0),)


# --- what a sentence says ------------------------------------------------------------------------


@dataclass(frozen=True)
class Facts:
    """A sentence with its word classes, ready to be asked what it says."""

    words: Tokens
    hits: Hits
    own: Span
    triggers: tuple[Span, ...]
    language: str

    def spans(self, *names: str) -> list[Span]:
        """Where words of these classes stand in the lead-in and the sentence, in order."""
        return sorted(span for name in names for span in self.hits.get(name, ()) if span[0] >= 0)

    def values(self, facet: str, parts: Iterable[Span] = (_EVERYTHING,)) -> tuple[str, ...]:
        """The members of a facet ("object" -> "inputs", ...) found in parts of the sentence."""
        return tuple(
            sorted(
                name.split(".", 1)[1]
                for name, found in self.hits.items()
                if name.startswith(f"{facet}.") and any(a <= span[0] < b for span in found for a, b in parts)
            )
        )

    def actions(self) -> tuple[str, ...]:
        """What is done, in the order of the words: in the sentence itself, or else in its lead-in."""
        first = {
            name.split(".", 1)[1]: min(span for span in found if span[0] >= start)
            for start in (0, self.own[0])
            for name, found in self.hits.items()
            if name.startswith("action.") and any(span[0] >= start for span in found)
        }
        own = [name for name, span in first.items() if span[0] >= self.own[0]]
        return tuple(sorted(own or first, key=lambda name: first[name]))

    def comma_after(self, at: int) -> int:
        """The first token after the next comma or semicolon, or the end."""
        rest = self.words.text[self.words.starts[at] :] if at < len(self.words) else ""
        comma = re.search(r"[,;，；]", rest)
        return self.words.at(self.words.starts[at] + comma.end()) if comma else len(self.words)

    def excepted(self) -> tuple[Span, ...]:
        """The parts of the sentence that name conditions and exceptions ("unless ...", "except ...")."""
        found = []
        for span in self.spans("unless", "except"):
            leads = self.triggers and span[0] < self.triggers[0][0]
            found.append((span[0], self.comma_after(span[1]) if leads else len(self.words)))
        return tuple(found)

    def main(self) -> tuple[Span, ...]:
        """What is left of the sentence and its lead-in without those parts; headings stand before it."""
        start = 0
        parts = []
        for first, last in self.excepted():
            parts.append((start, first))
            start = max(start, last)
        return (*parts, (start, _EVERYTHING[1]))

    def negated(self) -> bool:
        """Whether the first of the verbs that count is denied."""
        verb = next((t for t in self.triggers if not self._excepts(t)), self.triggers[0])
        denied = self.hits.get("not_negating", [])
        breaks = self.spans("unless", "but")
        for span in self.hits.get("not", []):
            if span[0] < 0 or any(a <= span[0] < b for a, b in denied):
                continue
            if self._denies(span, verb, breaks):
                return True
        return False

    def _excepts(self, span: Span) -> bool:
        return any(a <= span[0] < b for a, b in self.excepted())

    def _denies(self, negation: Span, verb: Span, breaks: list[Span]) -> bool:
        distance = verb[0] - negation[0]
        reach = -8 if self.language == "de" else 0
        if not reach <= distance <= 24:
            return False
        if any(negation[0] < b[0] < verb[0] for b in breaks):
            return False
        if any(
            0 <= chosen[0] - negation[0] <= 3
            for chosen in self.spans("condition.opt-out", "condition.opt-in")
        ):
            return False
        if any(a <= negation[0] < b for a, b in self.spans("want_not")) or self._new_clause(negation, verb):
            return False
        conditional = [i for i in self.spans("if") if i[0] < negation[0]]
        return not (
            conditional
            and self.comma_after(conditional[-1][1]) <= verb[0]
            and self._comma_between(negation, verb)
        )

    def _new_clause(self, negation: Span, verb: Span) -> bool:
        """Whether a clause with its own subject begins between them: "is not public, and we may use it"."""
        after = self.comma_after(negation[1])
        modals = [span[0] for span in self.spans("may", "use", "action")]
        return any(
            after <= who[0] < verb[0] and any(0 <= modal - who[1] <= 1 for modal in modals)
            for who in self.spans("we", "they")
        )

    def _comma_between(self, one: Span, other: Span) -> bool:
        return one[0] < self.comma_after(one[0]) <= other[0]

    def leaves_choice(self) -> bool:
        """Whether an opt-out is open here, and not overridden ("even if you opt out")."""
        overridden = self.spans("regardless")
        chosen = self.spans("condition.opt-out")
        return any(not any(0 <= c[0] - over[1] <= 4 for over in overridden) for c in chosen)

    def asks_consent(self) -> bool:
        """Whether consent is a condition here ("with your consent", "if you agree"), not merely a word."""
        given = self.spans("condition.consent")
        lead = self.spans("if", "only", "unless", "not", "except")
        lead += [
            (n, n + 1)
            for n, word in enumerate(self.words.words)
            if word in ("with", "avec", "mit", "con", "upon")
        ]
        return any(0 <= g[0] - one[1] <= 6 for g in given for one in lead)

    def offers_choice(self) -> bool:
        """Whether the sentence tells people how to choose, rather than what is done."""
        if self.spans("want_not", "chooses"):
            return True
        chosen = self.spans("condition.opt-out") if self.leaves_choice() else []
        you = self.spans("you", "choice")
        negated = any(0 <= c[0] - n[0] <= 3 for c in chosen for n in self.spans("not"))
        after_if = any(0 <= c[0] - i[1] <= 6 for c in chosen for i in self.spans("if", "unless", "only"))
        return not negated and not after_if and any(0 <= c[0] - y[0] <= 8 for c in chosen for y in you)


def _assemble(
    sentence: Sentence,
    topic: Topic,
    facts: Facts,
    fired: list[tuple[Rule, tuple[Span, ...]]],
    periods: tuple[Duration, ...],
) -> Statement:
    negated = facts.negated()
    choice = topic.name != RETENTION and facts.offers_choice()
    modality = CONDITIONAL if choice else PROHIBITS if negated else PERMITS
    main, excepted = facts.main(), facts.excepted()
    conditions = (
        *facts.values("condition"),
        *(f"region {name}" for name in facts.values("region")),
        *facts.values("criterion"),
        *facts.values("place"),
        *(("only",) if any(facts.own[0] <= s[0] for s in facts.spans("only")) else ()),
    )
    exceptions = (
        *facts.values("exception"),
        *facts.values("object", excepted),
        *facts.values("audience", excepted),
    )
    return Statement(
        topic=topic.name,
        text=sentence.text,
        position=_position(topic, facts, modality, periods),
        actor=_actor(facts),
        action=", ".join(facts.actions()),
        objects=facts.values("object", main),
        modality=modality,
        negated=negated,
        conditions=tuple(dict.fromkeys(conditions)),
        exceptions=tuple(dict.fromkeys(exceptions)),
        audience=facts.values("audience", main),
        periods=periods,
        rules=tuple(rule.id for rule, _ in fired),
        words=_words(facts, [span for _, spans in fired for span in spans]),
        block=sentence.block,
        section=sentence.section,
    )


def _words(facts: Facts, spans: list[Span]) -> tuple[str, ...]:
    placed = sorted({span for span in spans if span[0] >= 0})
    return tuple(dict.fromkeys(facts.words.slice(span) for span in placed))


def _actor(facts: Facts) -> str:
    verb = facts.triggers[0][0]
    nearest: Iterator[tuple[int, str]] = (
        (verb - span[0], actor)
        for name, actor in (("we", "provider"), ("they", "third-party"))
        for span in facts.spans(name)
        if span[0] < verb
    )
    return min(nearest, default=(0, "provider"))[1]


def _position(topic: Topic, facts: Facts, modality: str, periods: tuple[Duration, ...]) -> str:
    if topic.name == RETENTION:
        return _retention(facts, modality, periods)
    return _permission(facts, modality)


def _permission(facts: Facts, modality: str) -> str:
    """no, opt-in, opt-out or yes."""
    asked = bool(facts.spans("condition.opt-in")) or facts.asks_consent()
    leaves = facts.leaves_choice()
    if modality == CONDITIONAL:
        return "opt-out" if leaves or not asked else "opt-in"
    if modality == PROHIBITS:
        if (asked and (facts.excepted() or facts.spans("if"))) or _without_consent(facts):
            return "opt-in"
        return "opt-out" if leaves and facts.spans("if") else "no"
    if leaves:
        return "opt-out"
    return "opt-in" if asked else "yes"


def _without_consent(facts: Facts) -> bool:
    return any(
        0 <= given[0] - without[0] <= 4
        and facts.words.words[without[0]] in ("without", "sans", "ohne", "sin", "未")
        for given in facts.spans("condition.consent")
        for without in facts.spans("not", "unless")
    )


_DELETES = {"delete", "remove", "return"}


def _retention(facts: Facts, modality: str, periods: tuple[Duration, ...]) -> str:
    """The case of a retention statement: not-stored, period, indefinite, criterion, legal-safety, ..."""
    criteria = set(facts.values("criterion"))
    actions = set(facts.values("action"))
    deletes = bool(actions) and actions <= _DELETES
    if facts.spans("audience.zero-data-retention") or (
        modality == PROHIBITS and not deletes and not criteria
    ):
        return "not-stored"
    if periods:
        return "period"
    if "indefinite" in criteria:
        return "indefinite"
    if criteria - {"factors", "schedule"}:
        return "criterion"
    if set(facts.values("condition")) & {"law", "legal-process"} or "safety" in facts.values("exception"):
        return "legal-safety"
    return "other" if deletes or criteria else "none-stated"
