"""`tos-monitor demo`: the whole job without internet."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from monitor.cli.check import run
from monitor.cli.options import Format, FormatOption, OutputOption
from monitor.cli.reports import show
from monitor.demo import site, write_watchlist
from monitor.model import CheckResult, Document, Report
from monitor.report import FORMATS
from monitor.settings import settings
from monitor.wiring import Monitor, clock, open_monitor

VERIFIED_AGO = timedelta(days=30)


def demo(
    directory: Annotated[
        Path | None,
        typer.Option(
            "--directory", metavar="DIR", help="Keep the watchlist and the database here, to look around in."
        ),
    ] = None,
    format: FormatOption = Format.TERMINAL,
    output: OutputOption = None,
) -> None:
    """See the whole job on pages of our own, without internet.

    Serves two generations of five pages of providers that do not exist, checks them twice, and prints
    the report of the second check.

    Example: tos-monitor demo --directory /tmp/demo
    """
    with ExitStack() as stack:
        folder = directory or Path(stack.enter_context(TemporaryDirectory(prefix="tos-monitor-")))
        folder.mkdir(parents=True, exist_ok=True)
        report = twice(folder) if directory else _nowhere(twice(folder))
    show(report, FORMATS, format, output)
    if directory:
        typer.echo(f"\nLook around: tos-monitor status --watchlist {directory / 'watchlist.toml'}", err=True)


def twice(folder: Path) -> Report:
    """Check the first generation, let every page change, check again: the second report."""
    with site() as pages:
        watchlist = write_watchlist(folder, pages.url, verified=(clock() - VERIFIED_AGO).date())
        chosen = settings(watchlist=watchlist, database=folder / "watchlist.db")
        with open_monitor(chosen) as monitor:
            documents = monitor.select(())
            first = asyncio.run(_in_order(monitor, documents))
            typer.echo(f"First check: {len(first)} documents stored as the baseline.", err=True)
            pages.generation = "after"
            typer.echo("Then every page changed. Second check:\n", err=True)
            results = asyncio.run(_in_order(monitor, documents))
            return monitor.report("Demonstration", results=results, documents=documents)


async def _in_order(monitor: Monitor, documents: tuple[Document, ...]) -> list[CheckResult]:
    """Check one document after the other, so that the same change has the same number each time."""
    return [result for document in documents for result in await run(monitor, (document,), {})]


def _nowhere(report: Report) -> Report:
    """A report whose commands name no folder, where the folder is about to go."""
    return replace(report, options="")
