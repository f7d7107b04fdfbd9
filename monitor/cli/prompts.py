"""Asking on a terminal for what an answer still lacks."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence

import typer

from monitor.model import Standing
from monitor.report.wording import path, value, verified, visible
from monitor.review import Choice
from monitor.statements.durations import parse_duration
from monitor.watchlist import POSITIONS

NARROWEST = 40
"""Columns below which lines run over rather than break further."""

MOST_CHOICES = 6
"""Clauses that are offered at most; any other can be quoted."""


def can_ask() -> bool:
    """Whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def tell(standing: Standing) -> None:
    """Where a claim stands, and what puts it in doubt."""
    for claim in standing.sources or (standing.claim,):
        typer.echo(f"{standing.product.id} {standing.topic}: {value(claim)}, {verified(claim)}")
    for doubt in standing.doubts:
        via = f" via {visible(doubt.via)}" if doubt.via else ""
        _say(f"change {doubt.change} of {doubt.document}{via}: {visible(doubt.summary)}")


def _say(text: str) -> None:
    """An indented line, broken between words where the terminal ends."""
    columns = shutil.get_terminal_size().columns
    lines = textwrap.wrap(text, max(columns - 2, NARROWEST), break_on_hyphens=False, break_long_words=False)
    typer.echo(textwrap.indent("\n".join(lines), "  "))


def position(standing: Standing) -> str:
    known = POSITIONS.get(standing.topic, ())
    if known:
        _say(f"one of: {', '.join(known)}")
    settled = standing.claim if standing.claim and not standing.sources else None
    while True:
        given = str(typer.prompt("Position now", default=settled.position if settled else None)).strip()
        if not known or given in known:
            return given
        _say(f"{visible(given)} is not one of: {', '.join(known)}")


def period(standing: Standing) -> str:
    claim = standing.claim
    before = claim.period.text if claim and claim.period and not standing.sources else None
    while True:
        given = str(typer.prompt("How long", default=before)).strip()
        if parse_duration(given) is not None:
            return given
        _say(f'"{visible(given)}" is no duration; write e.g. "30 days" or "18 months"')


def changes(numbers: Sequence[int]) -> tuple[int, ...]:
    """Which of several changes the answer settles."""
    while True:
        words = str(typer.prompt("Which changes does your answer settle", default="all")).replace(",", " ")
        if words.strip() == "all":
            return tuple(numbers)
        given = [word for word in words.split() if word.isdecimal()]
        if given and len(given) == len(words.split()) and set(map(int, given)) <= set(numbers):
            return tuple(map(int, given))
        typer.echo(f"  say all, or some of: {', '.join(map(str, numbers))}")


def evidence(choices: Sequence[Choice]) -> str:
    """The number of a clause or words of another one; "0" for none."""
    typer.echo("The clause that your answer rests on:")
    for number, choice in enumerate(choices[:MOST_CHOICES], 1):
        typer.echo(f"  {number}  {_shown(choice)}")
    typer.echo("  0  none")
    default = "1" if choices and choices[0].supports else "0"
    return str(typer.prompt("Its number, or some of its words", default=default)).strip()


def _shown(choice: Choice) -> str:
    says = f"{choice.bearing}" if choice.bearing else "read it yourself"
    note = f", {visible(choice.note)}" if choice.note else ""
    where = " › ".join(filter(None, (visible(choice.document), path(choice.section[-1:]))))
    return f"“{visible(choice.text)}”\n     {where} ({says}{note})"


def confirmed(lines: Iterable[str]) -> bool:
    for line in lines:
        typer.echo(line)
    return typer.confirm("Do it", default=False)
