"""The examples of rule files, tried: every `match` fires its rule, every `no_match` does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.extract.plain import read_markdown
from monitor.statements.rules import Confuser, Rule, Rules, Topic
from monitor.statements.texts import statements


@dataclass(frozen=True, kw_only=True)
class Example:
    """A sentence, in Markdown, of which a rule says that it must match it, or must not."""

    rule: Rule
    language: str
    text: str
    must_match: bool

    @property
    def wanted(self) -> str:
        """What must come of it, in words."""
        if isinstance(self.rule, Confuser):
            return "no rule may fire" if self.must_match else "some rule must fire"
        return "must match" if self.must_match else "must not match"


@dataclass(frozen=True)
class Failure:
    """An example that does not hold, and the rules that fired on it."""

    example: Example
    fired: tuple[str, ...]


def examples(topic: Topic) -> Iterator[Example]:
    """Every example of a topic's rules and confusers, in the order of the file."""
    for rule in (*topic.rules, *topic.confusers):
        for must_match, texts_by_language in ((True, rule.match), (False, rule.no_match)):
            for language, texts in texts_by_language.items():
                for text in texts:
                    yield Example(rule=rule, language=language, text=text, must_match=must_match)


def failure(example: Example, topic: Topic) -> Failure | None:
    """The example with what fired on it, if it does not hold.

    A rule must fire on its `match` and not on its `no_match`, whatever else does. A confuser must hide a
    `match` from every rule, and must leave a `no_match` to at least one.
    """
    fired = _fired(example, topic)
    if isinstance(example.rule, Confuser):
        holds = bool(fired) is not example.must_match
    else:
        holds = (example.rule.id in fired) is example.must_match
    return None if holds else Failure(example, fired)


def _fired(example: Example, topic: Topic) -> tuple[str, ...]:
    """The rules of the topic that fire on an example, in order."""
    found = statements(read_markdown(example.text).blocks, Rules({topic.name: topic}), example.language)
    return tuple(dict.fromkeys(rule for statement in found for rule in statement.rules))
