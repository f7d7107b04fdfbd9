"""Every case of tests/statements: what a sentence says, what says nothing, and what a change means."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from monitor.diff import diff
from monitor.extract.plain import read_markdown
from monitor.flag import flag
from monitor.model import Block, BlockKind, Clause, ClauseKind, FlagKind
from monitor.severity import verdicts
from monitor.statements.texts import statements

CASES = Path(__file__).parent / "statements"
SILENT = {"editorial": (FlagKind.EDITORIAL, None), "none": (FlagKind.NONE, None)}


def load(name):
    return tomllib.loads((CASES / name).read_text(encoding="utf-8"))


def block(text):
    return Block(BlockKind.PARAGRAPH, text)


def positions(name):
    file = load(name)
    for language in ("en", "zh", "fr", "de", "es"):
        for position, texts in file.get(language, {}).items():
            for text in texts:
                yield pytest.param(file["topic"], language, position, text, id=text[:60])


def confusers(name):
    for topic, languages in load(name).items():
        for language, kinds in languages.items():
            for kind, texts in kinds.items():
                for text in texts:
                    yield pytest.param(topic, language, text, id=f"{kind}: {text[:50]}")


def texts():
    for name in ("texts.toml", "texts_training.toml", "texts_retention.toml", "texts_keeping.toml"):
        for topic, expectations in load(name).items():
            for expected, table in expectations.items():
                for before, after in table["cases"]:
                    yield pytest.param(topic, expected, before, after, id=f"{before[-40:]} -> {after[-40:]}")


def texts_in_other_languages():
    for name in ("texts_languages.toml", "texts_languages_training.toml"):
        for language, topics in load(name).items():
            for topic, expectations in topics.items():
                for expected, table in expectations.items():
                    for before, after in table["cases"]:
                        yield pytest.param(
                            language, topic, expected, before, after, id=f"{before} -> {after}"
                        )


def changes():
    for topic, expectations in load("changes.toml").items():
        for expected, table in expectations.items():
            for before, after in table["cases"]:
                yield pytest.param(topic, expected, before, after, id=f"{before[:40]} -> {after[:40]}")


@pytest.mark.parametrize(
    ("topic", "language", "position", "text"),
    [
        case
        for topic in ("training", "retention")
        for case in (*positions(f"{topic}.toml"), *positions(f"{topic}_wordings.toml"))
    ],
)
def test_a_sentence_takes_its_position(topic, language, position, text, rules):
    found = [s for s in statements((block(text),), rules, language) if s.topic == topic]
    assert [statement.position for statement in found] == [position]


@pytest.mark.parametrize(
    ("topic", "language", "text"),
    [
        *confusers("confusers.toml"),
        *confusers("confusers_wordings.toml"),
        *confusers("confusers_languages.toml"),
    ],
)
def test_a_confuser_takes_no_position(topic, language, text, rules):
    assert [s for s in statements((block(text),), rules, language) if s.topic == topic] == []


@pytest.mark.parametrize(
    ("topic", "text"),
    [(topic, text) for topic, texts in load("heard_keeping.toml").items() for text in texts],
)
def test_a_sentence_is_heard_whatever_its_words(topic, text, rules):
    assert topic in {s.topic for s in statements((block(text),), rules, "en")}


@pytest.mark.parametrize(("topic", "expected", "before", "after"), list(changes()))
def test_a_change_gets_its_flag(topic, expected, before, after, rules):
    old, new = (tuple(block(text) for text in (side,) if text) for side in (before, after))
    kind = ClauseKind.EDITED if old and new else ClauseKind.ADDED if new else ClauseKind.REMOVED
    clause = Clause(
        kind,
        old[0] if old else None,
        new[0] if new else None,
        before_at=0 if old else None,
        after_at=0 if new else None,
    )
    verdict = verdicts(flag(old, new, (clause,), rules), [topic])[topic]
    assert verdict == SILENT.get(expected, (FlagKind.SUBSTANTIVE, expected))


@pytest.mark.parametrize(("topic", "expected", "before", "after"), list(texts()))
def test_a_changed_text_gets_its_verdict(topic, expected, before, after, rules):
    old, new = read_markdown(before).blocks, read_markdown(after).blocks
    verdict = verdicts(flag(old, new, diff(old, new), rules), [topic])[topic]
    assert verdict == SILENT.get(expected, (FlagKind.SUBSTANTIVE, expected))


@pytest.mark.parametrize(
    ("language", "topic", "expected", "before", "after"), list(texts_in_other_languages())
)
def test_a_changed_text_in_another_language_gets_its_verdict(language, topic, expected, before, after, rules):
    old, new = read_markdown(before).blocks, read_markdown(after).blocks
    verdict = verdicts(flag(old, new, diff(old, new), rules, language=language), [topic])[topic]
    assert verdict == SILENT.get(expected, (FlagKind.SUBSTANTIVE, expected))
