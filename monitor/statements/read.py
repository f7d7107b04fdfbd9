"""Sentences to statements: who does what with which data, whether they may, when, and for how long."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from monitor.model import RETENTION, Duration, Statement
from monitor.statements.answers import replies, told
from monitor.statements.contrast import excepts_what_follows, halves, spelt_out
from monitor.statements.defined import NO_TERMS, Terms
from monitor.statements.denial import negated
from monitor.statements.durations import durations
from monitor.statements.facts import EVERYTHING, Facts, Hits
from monitor.statements.goods import is_of_data
from monitor.statements.heard import Around, Heard, heading_above, hits_of, placed_durations
from monitor.statements.keeping import CHOICE_GONE, capped, case, done, happens_afterwards, recurring
from monitor.statements.keeping import choice as choice_left
from monitor.statements.lexicon import Span, tokens
from monitor.statements.patterns import search, search_all
from monitor.statements.rules import DURATION, Rule, Rules, Topic
from monitor.statements.sentences import Sentence

PERMITS, PROHIBITS, CONDITIONAL = "permits", "prohibits", "conditional"

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_SHORT = 12
"""Words of a sentence that may say no more than how long, under a heading that says of what."""
_LONGEST_LABEL = 4
"""Words of the longest label; more make a sentence that takes a position before its list."""
_CONTINUES = re.compile(r"(?:This|These|It|They|Such|That)\b[^.]{0,30}\binclud|For example\b")
"""A sentence that goes on with the list of the one before it."""


def read_all(
    found: Iterable[Sentence], rules: Rules, language: str, terms: Terms = NO_TERMS
) -> Iterator[tuple[Sentence, Statement]]:
    """The statements of sentences; one may lean on a position taken in its section just before it."""
    stated: dict[str, str] = {}
    before, last = "", None
    for sentence in found:
        if last and (sentence.section != last.section or sentence.block - last.block > 1):
            stated, before = {}, ""
        last = sentence
        around = Around(tuple(stated.items()), before, terms, heading_above(sentence.section, rules))
        for statement in _said(sentence, rules, language, around):
            if statement.modality != CONDITIONAL or statement.topic not in stated:
                stated[statement.topic] = statement.modality
            yield sentence, replace(statement, block=sentence.block, section=sentence.section)
        before = f"{before} {sentence.text}" if _CONTINUES.match(sentence.text) else sentence.text


def _read(sentence: Sentence, rules: Rules, language: str, around: Around) -> tuple[Statement, ...]:
    """The statements of one sentence on each topic; headings and questions take no position."""
    text = sentence.text.rstrip("\"')”*_ ")
    if sentence.is_heading or text.endswith(("?", "？")) or _is_label(text) or _is_title(sentence):
        return ()
    spoken = language_of(sentence.text, language)
    if spoken not in rules.languages:
        return ()
    words = tokens(sentence.whole)
    timed = bool(around.above) and len(words) <= _SHORT and bool(durations(words.text))
    worth = [
        topic
        for topic in rules.topics.values()
        if topic.words[spoken].has_any(words, topic.anchors[spoken])
        or (timed and DURATION in topic.anchors[spoken])
    ]
    if not worth:
        return ()
    heard = Heard(sentence, words, spoken, placed_durations(words), around)
    return tuple(statement for topic in worth for statement in _stated(heard, topic))


@lru_cache(maxsize=16384)  # most sentences of a version stood in the one before it, among the same others
def _said(sentence: Sentence, rules: Rules, language: str, around: Around) -> tuple[Statement, ...]:
    """The statements of a sentence; a reply is read together with the question that it answers.

    Where they are is not told: an equal sentence may stand in another block and section.
    """
    found = _read(sentence, rules, language, around)
    if not sentence.question or sentence.is_heading or (found and not replies(sentence.text)):
        return found
    return _answer(sentence, rules, language, around) or found


def _answer(sentence: Sentence, rules: Rules, language: str, around: Around) -> tuple[Statement, ...]:
    spoken = language_of(sentence.question, language)
    text = told(sentence.question, sentence.text, spoken)
    if not text:
        return ()
    both = f"{sentence.question} {sentence.text}"
    found = _read(replace(sentence, text=text), rules, language, around)
    return tuple(replace(statement, text=both) for statement in found)


def _stated(heard: Heard, topic: Topic) -> tuple[Statement, ...]:
    """What a sentence states: once, or once in each half when one half permits and the other denies."""
    whole = _statement(heard, topic)
    if whole is None:
        return ()
    return _opposites(heard, topic, whole) or (whole,)


def _opposites(heard: Heard, topic: Topic, whole: Statement) -> tuple[Statement, ...]:
    """The statements of a sentence's halves, or none unless they are opposed."""
    parts = halves(heard.sentence.text)
    if len(parts) < 2 or topic.name == RETENTION or heard.language != "en" or heard.sentence.headers:
        return ()
    found: list[Statement] = []
    around = heard.around
    for part in parts:
        spoken = spelt_out(part, found[-1].action) if found else part
        half = replace(heard.sentence, text=spoken)
        words = tokens(half.whole)
        statement = _statement(Heard(half, words, "en", placed_durations(words), around), topic)
        if statement:
            found.append(replace(statement, text=part))
            others = tuple(one for one in around.stated if one[0] != topic.name)
            around = replace(around, stated=(*others, (topic.name, statement.modality)))
        around = replace(around, before=part)
    said = {statement.modality for statement in found}
    if len(found) == 1 and (
        {*said, whole.modality} == {PERMITS, PROHIBITS} or excepts_what_follows(heard.sentence.text)
    ):
        return (replace(found[0], text=heard.sentence.text),)  # only one half bears on it
    if whole.modality == CONDITIONAL and PERMITS in said and whole.position == "opt-out":
        return (replace(whole, modality=PERMITS),)  # "we learn from them; you can object"
    return tuple(found) if {PERMITS, PROHIBITS} <= said else ()


def _is_label(text: str) -> bool:
    """Whether a text only names what follows it: "Retention periods:"."""
    return text.endswith(":") and len(text.split()) <= _LONGEST_LABEL


_QUESTION_WORD = re.compile(r"(?:How|What|Why|Where|When|Who|Which)\b")
_IMPERATIVE = re.compile(r"(?:Turn|Delete|Manage|Opt|Control|Clear|Download|Learn|See|Read|Change|Choose)\b")
_LONGEST_TITLE = 6


def _is_title(sentence: Sentence) -> bool:
    """Whether a text without a full stop is the title of another page: "How long chats are kept"."""
    text = sentence.text
    length = len(text.split())
    if sentence.lead or sentence.headers or text[-1:] in ".:;!。；)" or length > _LONGEST_TITLE:
        return False
    return bool(_QUESTION_WORD.match(text) or _IMPERATIVE.match(text))


def language_of(text: str, language: str) -> str:
    """The language whose rules read a sentence: the document's, unless the script says otherwise."""
    if len(_CHINESE.findall(text)) * 4 >= len(text):
        return "zh"
    declared = language.lower().split("-")[0] or "en"
    return "en" if declared == "zh" else declared


def _statement(heard: Heard, topic: Topic) -> Statement | None:
    hits = hits_of(heard, topic)
    # What fires with nothing hidden is a superset, and most sentences end here.
    candidates = [rule for rule, _ in _fired(topic.rules, hits, heard, topic)]
    if not candidates:
        return None
    hits = _unhidden(hits, topic, heard)
    fired = _fired(candidates, hits, heard, topic)
    if not fired or (topic.name == RETENTION and not is_of_data(heard, hits, topic)):
        return None
    return _told(heard, topic, hits, fired)


def taken_as(
    sentence: Sentence, topic: Topic, rules: Rules, language: str, terms: Terms = NO_TERMS
) -> Statement | None:
    """What a sentence comes to whose other version takes a position, though no rule fires on it here.

    None where it names no deed of the topic.
    """
    spoken = language_of(sentence.text, language)
    if spoken not in rules.languages or sentence.is_heading:
        return None
    words = tokens(sentence.asked)
    around = Around(terms=terms, above=sentence.section[-1:])
    heard = Heard(sentence, words, spoken, placed_durations(words), around)
    hits = _unhidden(hits_of(heard, topic), topic, heard)
    done = any(span[0] >= heard.own[0] for span in hits.get("action", ()))
    return _told(heard, topic, hits, []) if done else None


def _told(heard: Heard, topic: Topic, hits: Hits, fired: list[tuple[Rule, tuple[Span, ...]]]) -> Statement:
    """The statement that a sentence makes by the rules that fired."""
    triggers = _triggers([span for _, spans in fired for span in spans], hits)
    facts = Facts(heard.words, hits, heard.own, triggers, heard.language, _is_row(heard.sentence))
    told = hits.get(DURATION, [])
    periods = tuple(period for span, period in heard.periods if span[0] >= heard.own[0] and span in told)
    if topic.name == RETENTION and not periods and happens_afterwards(heard.sentence.text):
        periods = durations(heard.around.before)
    if topic.name == RETENTION and not periods:
        periods = recurring(heard.sentence.text)
    statement = _assemble(heard.sentence, topic, facts, fired, periods)
    statement = _leaning(statement, {rule.leans for rule, _ in fired}, heard.around.on(topic.name))
    if heard.around.before and facts.spans("anaphor"):
        return replace(statement, objects=_with_antecedents(statement.objects, heard, topic))
    return statement


_BARRED = re.compile(r"[^|]{3,80} \| [^|]{1,12}")
"""A row of a table that the page does not mark as one: "Save recordings | No"."""


def _is_row(sentence: Sentence) -> bool:
    return bool(sentence.headers or _BARRED.fullmatch(sentence.text))


def _leaning(statement: Statement, ways: set[str], earlier: str | None) -> Statement:
    """What only says whom a position stated before does not reach, or reaches too, with that position."""
    if not ways or not all(ways) or CONDITIONAL in (statement.modality, earlier):
        return statement
    permits = (earlier == PERMITS) is ("opposite" not in ways)
    return replace(
        statement,
        modality=PERMITS if permits else PROHIBITS,
        negated=not permits,
        position="yes" if permits else "no",
    )


def _with_antecedents(objects: tuple[str, ...], heard: Heard, topic: Topic) -> tuple[str, ...]:
    """The data that a sentence names, and that of the sentence before which it refers to."""
    named = topic.words[heard.language].find(tokens(heard.around.before))
    return tuple(sorted({*objects, *(n.split(".", 1)[1] for n in named if n.startswith("object."))}))


def _fired(
    rules: Iterable[Rule], hits: Hits, heard: Heard, topic: Topic
) -> list[tuple[Rule, tuple[Span, ...]]]:
    """The rules that fire, each with the words that make it."""
    return [
        (rule, spans)
        for rule in rules
        if (not rule.follows or heard.around.on(topic.name))
        and (spans := _fires(rule, hits, heard.own, heard.language))
    ]


def _fires(rule: Rule, hits: Hits, own: Span, language: str) -> tuple[Span, ...]:
    for wanted in rule.patterns.get(language, ()):
        if spans := search(wanted, hits, own):
            return spans
    return ()


def _unhidden(hits: Hits, topic: Topic, heard: Heard) -> Hits:
    """The hits that no confuser hides."""
    hidden: set[Span] = set()
    for confuser in topic.confusers:
        if any(search(spared, hits, EVERYTHING) for spared in confuser.unless.get(heard.language, ())):
            continue
        for wanted in confuser.patterns.get(heard.language, ()):
            spans = search_all(wanted, hits, heard.own if wanted.chains[0].before else EVERYTHING)
            if heard.sentence.headers and any(0 <= span[0] < heard.own[0] for span in spans):
                continue  # a table's title says nothing of what is done by a row
            if spans and confuser.hides == "sentence":
                return {}
            if spans and confuser.hides == "rest":
                hidden.add((min(span[0] for span in spans), EVERYTHING[1]))
            else:
                hidden |= spans
    return _without(hits, hidden) if hidden else hits


def _without(hits: Hits, hidden: set[Span]) -> Hits:
    return {
        name: kept
        for name, found in hits.items()
        if (kept := [span for span in found if not any(a < span[1] and span[0] < b for a, b in hidden)])
    }


def _triggers(spans: list[Span], hits: Hits) -> tuple[Span, ...]:
    """The verbs that made the rules fire, or else whatever did."""
    placed = sorted(span for span in set(spans) if span[0] >= 0)
    for verbs in ("action", "goes_into", "gives", "shapes"):
        if found := tuple(span for span in placed if span in hits.get(verbs, ())):
            return found
    return tuple(placed) or ((0, 0),)


# --- what a sentence says ------------------------------------------------------------------------


def _assemble(
    sentence: Sentence,
    topic: Topic,
    facts: Facts,
    fired: list[tuple[Rule, tuple[Span, ...]]],
    periods: tuple[Duration, ...],
) -> Statement:
    denied = negated(facts)
    if denied and topic.name == RETENTION and (cap := capped(facts, periods)):
        denied, periods = False, cap
    choice = topic.name != RETENTION and (facts.offers_choice() or (denied and facts.has_opted_out()))
    modality = CONDITIONAL if choice else PROHIBITS if denied else PERMITS
    main, excepted = facts.main(), facts.excepted()
    left = choice_left(facts) if topic.name == RETENTION else ()
    if CHOICE_GONE in left:
        denied, modality = False, PERMITS  # "Do not save" is the name of what is gone
    conditions = (
        *left,
        *facts.values("condition"),
        *(f"region {name}" for name in facts.values("region", main)),
        *facts.values("criterion"),
        *facts.values("place"),
        *facts.values("target", main),
        *(("third parties",) if any(s[0] >= facts.own[0] for s in facts.spans("they")) else ()),
        *(("only",) if any(facts.own[0] <= s[0] for s in facts.spans("only")) else ()),
    )
    exceptions = (
        *facts.values("exception"),
        *facts.values("object", excepted),
        *facts.values("audience", excepted),
        *(f"outside region {name}" for name in facts.values("region", excepted)),
    )
    return Statement(
        topic=topic.name,
        text=sentence.text,
        position=_position(topic, facts, modality, periods),
        actor=_actor(facts),
        action=", ".join(done(facts) if topic.name == RETENTION else facts.actions()),
        objects=facts.values("object", main),
        modality=modality,
        negated=denied,
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
        return case(facts, periods, denied=modality == PROHIBITS)
    return _permission(facts, modality)


def _permission(facts: Facts, modality: str) -> str:
    """no, opt-in, opt-out or yes."""
    unchosen = bool(facts.spans("condition.unchosen"))
    if (modality != PROHIBITS or unchosen) and (default := facts.default()):
        return "opt-in" if default == "off" else "opt-out"
    asked = bool(facts.spans("condition.opt-in")) or facts.asks_consent() or facts.when_set("on")
    leaves = facts.leaves_choice() or facts.when_set("off") or facts.spares_private_mode()
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
