"""Rule files: what a topic is, which words it looks at, and which sentences take a position on it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from monitor.errors import UsageError
from monitor.statements.languages import LANGUAGES
from monitor.statements.lexicon import Lexicon, PatternError, lexicon
from monitor.statements.patterns import Pattern, Step, pattern
from monitor.watchlist.spelling import distance

BUILT_IN = ("training", "retention")
WORDING = "wording"
DURATION = "duration"
"""A word class that every rule may use: a length of time such as "30 days"."""
OWN = "own"
"""Another: what people own or send and no word class names, such as "your recipes"."""

NUMBER = "number"
"""A third: a number in digits."""

Texts = Mapping[str, tuple[str, ...]]
"""Sentences by language."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A kind of sentence: its patterns by language, and examples in Markdown that must and must not match."""

    id: str
    says: str
    patterns: Mapping[str, tuple[Pattern, ...]]
    match: Texts = field(default_factory=dict)
    no_match: Texts = field(default_factory=dict)
    follows: bool = False  # only after a sentence of the same block that takes a position on the topic
    leans: str = ""  # the "same" as that position for whom it names, or the "opposite"


@dataclass(frozen=True, kw_only=True)
class Confuser(Rule):
    """A kind of wording that only looks like a position.

    It hides the words it is found in, the `rest` of the sentence from there, or the whole `sentence`
    from the rules.
    """

    hides: str = "words"
    unless: Mapping[str, tuple[Pattern, ...]] = field(default_factory=dict)  # found there, it hides nothing


@dataclass(frozen=True, kw_only=True)
class Topic:
    """What a rule file says: a topic's rules, its word classes by language, its two directions."""

    name: str
    says: str
    more: str
    less: str
    rules: tuple[Rule, ...]
    confusers: tuple[Confuser, ...]
    words: Mapping[str, Lexicon]
    anchors: Mapping[str, frozenset[str]]  # word classes without one of which no rule can fire


@dataclass(frozen=True, eq=False)
class Rules:
    """Everything that reading statements needs to know, as loaded from the rule files."""

    topics: Mapping[str, Topic]

    @cached_property
    def languages(self) -> frozenset[str]:
        """The languages that at least one topic has patterns for."""
        return frozenset(
            language
            for topic in self.topics.values()
            for rule in topic.rules
            for language, found in rule.patterns.items()
            if found
        )

    def know(self, word: str) -> bool:
        """Whether an entry of any word class may begin with a word."""
        return any(lexicon.knows(word) for topic in self.topics.values() for lexicon in topic.words.values())

    def understands(self, language: str) -> bool:
        """Whether texts in a language ("en", "zh-CN") can be read at all."""
        return language.lower().split("-")[0] in self.languages


def load_rules(files: tuple[Path, ...] = ()) -> Rules:
    """The built-in topics and those of a user's own files; a file replaces a built-in topic of its name.

    Raises UsageError that names file, rule and mistake.
    """
    found = (*built_in_topics(), *(load_topic(path) for path in files))
    return Rules({topic.name: topic for topic in found})


def built_in_topics() -> tuple[Topic, ...]:
    """The topics whose rule files come with the program."""
    wording = _wording()
    return tuple(
        _topic(_parse(_built_in(name), f"{name}.toml"), f"{name}.toml", wording) for name in BUILT_IN
    )


def load_topic(path: Path) -> Topic:
    """The topic of a user's own rule file. Raises UsageError that names file, rule and mistake."""
    return _topic(_parse(_read(path), str(path)), str(path), _wording())


def _wording() -> Words:
    return _words(_parse(_built_in(WORDING), f"{WORDING}.toml"), f"{WORDING}.toml")


def _built_in(name: str) -> str:
    return (files("monitor") / "rules" / f"{name}.toml").read_text(encoding="utf-8")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(
            f"{path}: the rule file cannot be read, for there is none; check the path"
        ) from error
    except IsADirectoryError as error:
        raise UsageError(f"{path}: a folder cannot be read as a rule file; name the file in it") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: the rule file cannot be read: {error}") from error


def _parse(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name}: not valid TOML: {error}") from error


# --- one file ----------------------------------------------------------------------------------

_KEYS = {"topic", "says", "more", "less", "words", "rules", "confusers"}
_RULE_KEYS = {"id", "says", "match", "no_match", *LANGUAGES}
_HIDES = ("words", "rest", "sentence")
_LEANS = ("same", "opposite")

Words = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Word classes by language and name."""


def _topic(raw: dict[str, Any], name: str, wording: Words) -> Topic:
    _check_keys(raw, _KEYS, name)
    topic = _text(raw, "topic", name, 'write topic = "subprocessors"')
    own = _words(raw, name)
    classes = {language: {**wording.get(language, {}), **own.get(language, {})} for language in LANGUAGES}
    rules = tuple(_rule(one, name, classes, Rule) for one in _tables(raw, "rules", name))
    if not rules:
        raise UsageError(f"{name}: no rules; write at least one [[rules]] with id, says and patterns")
    confusers = tuple(_rule(one, name, classes, Confuser) for one in _tables(raw, "confusers", name))
    _check_ids((*rules, *confusers), name)
    return Topic(
        name=topic,
        says=_text(raw, "says", name, "write a sentence that says what the topic is"),
        more=str(raw.get("more", "more")),
        less=str(raw.get("less", "less")),
        rules=rules,
        confusers=confusers,  # type: ignore[arg-type]  # _rule returns the class it was given
        words={language: _lexicon(language, classes, (*rules, *confusers), name) for language in LANGUAGES},
        anchors={language: _anchors(rules, language, classes[language]) for language in LANGUAGES},
    )


def _rule(raw: dict[str, Any], name: str, classes: Words, kind: type[Rule]) -> Rule:
    where = f'{name}, rule "{raw.get("id", "?")}"'
    _check_keys(raw, _RULE_KEYS | ({"hides", "unless"} if kind is Confuser else {"follows", "leans"}), where)
    options: dict[str, Any] = {}
    if kind is Confuser and "hides" in raw:
        if raw["hides"] not in _HIDES:
            raise UsageError(f'{where}: hides = "{raw["hides"]}"; write one of {", ".join(_HIDES)}')
        options["hides"] = raw["hides"]
    if "follows" in raw:
        if not isinstance(raw["follows"], bool):
            raise UsageError(f"{where}: follows is true or false, without quotes")
        options["follows"] = raw["follows"]
    if "leans" in raw:
        if raw["leans"] not in _LEANS:
            raise UsageError(f'{where}: leans = "{raw["leans"]}"; write one of {", ".join(_LEANS)}')
        options["leans"] = raw["leans"]
    patterns = _patterns(raw, classes, where)
    if "unless" in raw:
        options["unless"] = _patterns(_by_language(raw, "unless", where), classes, f"{where}, unless")
    if not patterns:
        raise UsageError(f'{where}: no patterns; write for example en = ["we ..5 share"]')
    return kind(
        id=_text(raw, "id", where, 'write id = "short-name"'),
        says=_text(raw, "says", where, "write a sentence that says what it means"),
        patterns=patterns,
        match=_examples(raw, "match", where),
        no_match=_examples(raw, "no_match", where),
        **options,
    )


def _patterns(raw: Mapping[str, Any], classes: Words, where: str) -> Mapping[str, tuple[Pattern, ...]]:
    return {
        language: tuple(_pattern(text, classes[language], where) for text in _texts(raw, language, where))
        for language in LANGUAGES
        if language in raw
    }


def _pattern(text: str, classes: Mapping[str, tuple[str, ...]], where: str) -> Pattern:
    try:
        return pattern(text, (*classes, DURATION, OWN, NUMBER))
    except PatternError as error:
        raise UsageError(f"{where}: {error}") from error


def _lexicon(language: str, classes: Words, rules: Iterable[Rule], name: str) -> Lexicon:
    literals: dict[str, tuple[str, ...]] = {}
    for rule in rules:
        spares = rule.unless if isinstance(rule, Confuser) else {}
        for wanted in (*rule.patterns.get(language, ()), *spares.get(language, ())):
            literals |= wanted.literals
    try:
        return lexicon({**classes[language], **literals})
    except PatternError as error:
        raise UsageError(f"{name}, words.{language}: {error}") from error


_ANY_WORD = 1000


def _anchors(rules: Iterable[Rule], language: str, classes: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """Of each pattern's first chain the step with the rarest words, which most sentences lack."""

    def breadth(step: Step) -> int:
        # A short word of the pattern itself ("and") is everywhere.
        return sum(
            (_ANY_WORD if len(name) < 6 else 1) if name.startswith("=") else _entries(name, classes)
            for name in step.classes
        )

    steps = (
        min(wanted.chains[0].steps, key=breadth)
        for rule in rules
        for wanted in rule.patterns.get(language, ())
    )
    return frozenset(name for step in steps for name in step.classes)


def _entries(name: str, classes: Mapping[str, tuple[str, ...]]) -> int:
    if name in (DURATION, OWN, NUMBER):
        return _ANY_WORD
    return sum(
        len(entries)
        for known, entries in classes.items()
        if known in (name, f"{name}.{known.split('.')[-1]}")
    )


def _words(raw: dict[str, Any], name: str) -> Words:
    words = raw.get("words", {})
    if not isinstance(words, dict) or set(words) - set(LANGUAGES):
        raise UsageError(f"{name}: [words.LANGUAGE] knows the languages {', '.join(LANGUAGES)}")
    for language, classes in words.items():
        for key in classes:
            _check_facet(key, f"{name}, words.{language}")
    return {
        language: {key: _texts(classes, key, f"{name}, words.{language}") for key in classes}
        for language, classes in words.items()
    }


_FACETS = ("action", "object", "audience", "region", "condition", "exception", "criterion", "place", "target")
"""What statements are compared by: the first part of a class such as "object.inputs"."""


def _check_facet(key: str, where: str) -> None:
    """A class "objct.inputs" would never be looked at."""
    facet, dot, rest = key.partition(".")
    if not dot or facet in _FACETS:
        return
    if close := next((one for one in _FACETS if distance(facet, one) == 1), ""):
        raise UsageError(f'{where}: "{key}" is no class that is looked at; did you mean "{close}.{rest}"?')


# --- values ------------------------------------------------------------------------------------


def _check_keys(raw: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(raw) - known)
    if unknown:
        raise UsageError(f'{where}: "{unknown[0]}" is not known here; known are {", ".join(sorted(known))}')


def _check_ids(rules: Iterable[Rule], name: str) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise UsageError(f'{name}: two rules are named "{rule.id}"; give each its own id')
        seen.add(rule.id)


def _tables(raw: dict[str, Any], key: str, name: str) -> list[dict[str, Any]]:
    tables = raw.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise UsageError(f"{name}: {key} is a list of tables; begin each with [[{key}]]")
    return tables


def _text(raw: Mapping[str, Any], key: str, where: str, remedy: str) -> str:
    value = raw.get(key)
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"{where}: {key} is missing; {remedy}")
    return value


def _texts(raw: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = raw[key]
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise UsageError(f'{where}: {key} is a list of texts; write {key} = ["…"]')
    return tuple(value)


def _examples(raw: Mapping[str, Any], key: str, where: str) -> Texts:
    examples = _by_language(raw, key, where)
    return {language: _texts(examples, language, f"{where}, {key}") for language in examples}


def _by_language(raw: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    found = raw.get(key, {})
    if not isinstance(found, dict) or set(found) - set(LANGUAGES):
        raise UsageError(f'{where}: {key} stands under a language; write {key}.en = ["…"]')
    return found
