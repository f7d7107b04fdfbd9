"""`tos-monitor check`: one round over the documents, from cron or by hand."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.exits import Exit, exit_code, fail_conditions
from monitor.cli.notify import send_waiting
from monitor.cli.options import (
    DatabaseOption,
    Dispatch,
    DispatchOption,
    Format,
    FormatOption,
    OutputOption,
    WatchlistOption,
)
from monitor.cli.queued import Round, wait_for_workers
from monitor.cli.reports import keep, prepare, show
from monitor.errors import NoWorker, StoreError
from monitor.health import Telling, telling
from monitor.logs import configure
from monitor.model import CheckResult, Document, Report
from monitor.report import FORMATS
from monitor.settings import settings
from monitor.wiring import Monitor, bring_forward, clock, open_monitor, opinions, parts, switch

if TYPE_CHECKING:
    from monitor.asking import Found


def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PROVIDER | PROVIDER/DOCUMENT]...", help="What to check; default all."),
    ] = None,
    due: Annotated[bool, typer.Option("--due", help="Only documents whose next check has come.")] = False,
    format: FormatOption = Format.TERMINAL,
    output: OutputOption = None,
    reports: Annotated[
        Path | None,
        typer.Option(
            "--reports", metavar="DIR", help="Also keep this run's report here, as Markdown and HTML."
        ),
    ] = None,
    fail_on: Annotated[
        str,
        typer.Option("--fail-on", help="What makes the exit code 1 or 2: flagged, changed, failed, never."),
    ] = "flagged,failed",
    dispatch: DispatchOption = Dispatch.DIRECT,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Fetch the documents, compare them with their last versions, and report.

    With --dispatch queue workers do it, before all that is only due, and this waits for them.

    Example: tos-monitor check anthropic openai/services-agreement --reports reports/
    """
    conditions = fail_conditions(fail_on)
    chosen = settings(watchlist=watchlist, database=database)
    configure(chosen)
    prepare(output, reports)
    # A machine that goes down, and whoever stops a timer's unit, get the report that Ctrl-C leaves behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with open_monitor(chosen) as monitor:
        if dispatch is Dispatch.QUEUE:
            monitor.store.require_queue()
        documents = monitor.select(names or ())
        if due:
            bring_forward(monitor.store, monitor.watchlist)
            ids = set(monitor.store.due([document.id for document in documents], clock()))
            documents = tuple(document for document in documents if document.id in ids)
            if not documents:
                typer.echo("Nothing is due.", err=True)
                send_waiting(monitor)
                _ping(monitor, names)
                raise typer.Exit(Exit.NOTHING)
        results: dict[str, CheckResult] = {}
        try:
            if dispatch is Dispatch.QUEUE:
                _run_queued(monitor, documents, results)
            else:
                asyncio.run(run(monitor, documents, results))
        except (StoreError, NoWorker, KeyboardInterrupt):
            # What is recorded already is announced now or never: the next check finds it as it is.
            if results:
                _tell(_report(monitor, documents, results), format, output, reports)
            raise
        report = _report(monitor, documents, results)
        _tell(report, format, output, reports)
        send_waiting(monitor)
        _ping(monitor, names)
    raise typer.Exit(exit_code(report.results, conditions))


def _ping(monitor: Monitor, names: Iterable[str] | None) -> None:
    """Tell the dead-man's switch of a round over all documents; one over a few says nothing of others."""
    if not names and (found := switch(monitor.settings)):
        asyncio.run(found.ping())


def _report(monitor: Monitor, documents: Iterable[Document], results: Mapping[str, CheckResult]) -> Report:
    """The report on a round, its results in the order of the watchlist."""
    documents = tuple(documents)
    ordered = [results[document.id] for document in documents if document.id in results]
    return monitor.report("Check", results=ordered, documents=documents)


def _tell(report: Report, format: Format, output: Path | None, reports: Path | None) -> None:
    try:
        if reports:
            keep(report, reports)
    finally:
        show(report, FORMATS, format, output)


def _run_queued(monitor: Monitor, documents: tuple[Document, ...], results: dict[str, CheckResult]) -> None:
    asked = Round(monitor.store, documents, monitor.watchlist.per_host)
    try:
        with _progress(len(documents)) as show_progress:
            wait_for_workers(asked, results, show_progress, monitor.settings.options)
    except KeyboardInterrupt:
        typer.echo(f"no longer waiting; {asked.left_behind()}", err=True)
        raise


async def run(
    monitor: Monitor, documents: Iterable[Document], results: dict[str, CheckResult]
) -> tuple[CheckResult, ...]:
    """Check documents and say on standard error how it goes; results in the order of the watchlist.

    `results` is filled as they come, for whoever is left with part of a round.
    """
    from monitor.check import check_all  # noqa: PLC0415  with what fetches; not loaded while nothing is due

    documents = tuple(documents)
    with _progress(len(documents)) as show_progress:
        async with parts(monitor) as work, opinions(monitor) as asking:
            async for result in check_all(documents, work):
                results[result.document] = result
                if asking:
                    asking.soon(result.change)
                show_progress(result)
            if asking:
                _add(await asking.finish(monitor.settings.opinion_seconds), results)
    return tuple(results[document.id] for document in documents)


def _add(found: Found, results: dict[str, CheckResult]) -> None:
    """Put second opinions beside the changes that they are on."""
    for result in tuple(results.values()):
        if result.change and result.change.id in found:
            change = replace(result.change, opinions=found[result.change.id])
            results[result.document] = replace(result, change=change)


def line_of(result: CheckResult) -> str:
    """One plain line on a result, for logs and pipes."""
    if telling(result, None) is Telling.STILL and result.before:
        return f"{result.document}: still {result.outcome}, {result.before.failures + 1} checks in a row"
    reasons = "; ".join(reason.detail for reason in result.reasons)
    return f"{result.document}: {result.outcome}" + (f" ({reasons})" if reasons else "")


@contextmanager
def _progress(total: int) -> Iterator[Callable[[CheckResult], None]]:
    """How a round goes on, on standard error: a bar for who watches, a line a result for a log."""
    if not sys.stderr.isatty():
        yield lambda result: typer.echo(line_of(result), err=True)
        return
    from rich.console import Console  # noqa: PLC0415  this and what follows take 60 ms to load
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    document = TextColumn("{task.fields[document]}")
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=30), MofNCompleteColumn(), document)
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("checking", total=total, document="")
        yield lambda result: progress.update(task, advance=1, document=result.document)
