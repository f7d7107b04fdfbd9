"""`tos-monitor opinion`: what a model of one's own says of a flagged change."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated

import typer

from monitor.cli.exits import Exit
from monitor.cli.options import DatabaseOption, Format, FormatOption, OutputOption, WatchlistOption
from monitor.cli.reports import show
from monitor.errors import OpinionError, UsageError
from monitor.model import Opinion, RecordedChange
from monitor.opinion import Question, questions
from monitor.report import OPINIONS
from monitor.settings import settings
from monitor.wiring import Monitor, open_monitor, opinions


def opinion(
    change: Annotated[int, typer.Argument(metavar="CHANGE", help="The number of the change.")],
    format: FormatOption = Format.TERMINAL,
    output: OutputOption = None,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Ask a model of your own for a second opinion on a flagged change.

    Sends the changed, flagged clauses and the topic, nothing else, to the endpoint that MONITOR_OPINION_URL
    names. The answer is kept and shown beside the change, and nothing follows from it. Exit code 2 when none
    came.

    Example: tos-monitor opinion 12
    """
    chosen = settings(watchlist=watchlist, database=database)
    if not chosen.opinion_url:
        raise UsageError(
            "no endpoint is named; set MONITOR_OPINION_URL, as in http://127.0.0.1:11434/v1, and"
            " MONITOR_OPINION_MODEL"
        )
    with open_monitor(chosen) as monitor:
        recorded = monitor.store.change(change)
        asked = questions(recorded.change)
        if not asked:
            raise UsageError(f"change {change} has no substantive flag; there is nothing to ask about")
        found = asyncio.run(_ask(monitor, recorded, asked))
        told = replace(recorded, opinions=found)
        report = monitor.report(f"Second opinion on change {change}", changes=(told,))
    if found:
        show(report, OPINIONS, format, output)
    raise typer.Exit(Exit.NOTHING if len(found) == len(asked) else Exit.FAILED)


async def _ask(monitor: Monitor, change: RecordedChange, asked: tuple[Question, ...]) -> tuple[Opinion, ...]:
    """What came, a topic at a time; what did not is told on standard error."""
    found = []
    async with opinions(monitor) as asking:
        assert asking is not None  # an endpoint is named
        for question in asked:
            try:
                found.append(await asking.ask(change.id, question))
            except OpinionError as error:
                typer.echo(f"no second opinion on {question.topic}: {error}", err=True)
    return tuple(found)
