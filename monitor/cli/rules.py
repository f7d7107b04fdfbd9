"""`tos-monitor rules check`: whether rule files do what their own examples say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.exits import Exit
from monitor.errors import UsageError
from monitor.report.wording import counted, visible
from monitor.settings import settings
from monitor.statements.examples import Failure, examples, failure
from monitor.statements.rules import Topic, built_in_topics, load_topic

rules = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@rules.callback()
def about() -> None:
    """Try rule files on their own examples.

    Example: tos-monitor rules check subprocessors.toml
    """


@dataclass(frozen=True)
class Tried:
    """A rule file's topic and those of its examples that do not hold."""

    name: str
    topic: Topic
    failures: tuple[Failure, ...]


@rules.command("check")
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="Rule files of your own.")
    ] = None,
) -> None:
    """Run the examples of the built-in rules and of your own.

    Your own are these files and those of MONITOR_RULES. Every `match` must fire its rule and every
    `no_match` must not; a confuser must hide its `match` from every rule, and leave its `no_match` to one.
    Exit codes: 0 all hold, 1 some do not, 3 a file cannot be read or has a mistake; the others are tried
    all the same.

    Example: tos-monitor rules check subprocessors.toml
    """
    tried = [_try(f"{topic.name}.toml", topic) for topic in built_in_topics()]
    mistakes = []
    for path in dict.fromkeys(settings(rules=files or ()).rules):
        try:
            tried.append(_try(str(path), load_topic(path)))
        except UsageError as error:
            mistakes.append(str(error))
    for line in _lines(tried):
        typer.echo(line)
    for mistake in mistakes:
        typer.echo(mistake, err=True)
    if mistakes:
        raise typer.Exit(Exit.USAGE)
    raise typer.Exit(Exit.FLAGGED if any(one.failures for one in tried) else Exit.NOTHING)


def _try(name: str, topic: Topic) -> Tried:
    found = (failure(example, topic) for example in examples(topic))
    return Tried(name, topic, tuple(one for one in found if one))


def _lines(tried: Iterable[Tried]) -> Iterator[str]:
    """A line for each example that does not hold, then one for each file."""
    tried = tuple(tried)
    for one in tried:
        yield from (f"{one.name}: {_told(failed)}" for failed in one.failures)
    width = max(len(one.name) for one in tried)
    for one in tried:
        yield f"{one.name:{width}}  {_summary(one)}"


def _told(failed: Failure) -> str:
    example = failed.example
    fired = ", ".join(failed.fired) or "nothing"
    return (
        f"{example.rule.id} ({example.language}), {example.wanted}: “{visible(example.text)}”; fired: {fired}"
    )


def _summary(tried: Tried) -> str:
    found = [*tried.topic.rules, *tried.topic.confusers]
    number = sum(1 for _ in examples(tried.topic))
    failed = len(tried.failures)
    bare = [rule.id for rule in found if not rule.match]
    parts = [
        f"{tried.topic.name}: {counted(len(found), 'rule')}, {counted(number, 'example')}",
        f"{failed} {'does' if failed == 1 else 'do'} not hold" if failed else "all hold",
        *([f"nothing to match in {', '.join(bare)}"] if bare else []),
    ]
    return ", ".join(parts)
