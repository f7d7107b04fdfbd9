"""`tos-monitor history web`: bring in the captures of a web archive."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

import typer

from monitor.cli.exits import Exit, is_flagged
from monitor.cli.options import SPAN, UNITS, DatabaseOption, WatchlistOption, since
from monitor.errors import UsageError
from monitor.fetch.archive import ArchiveReader
from monitor.history.web_archive import ArchiveError, WebArchive, places
from monitor.history.web_import import Brought, Wanted, WebImport
from monitor.judge import Knowledge
from monitor.ledger import answers_that_count
from monitor.logs import configure
from monitor.model import CheckResult, Document
from monitor.report.wording import counted
from monitor.settings import Settings, settings
from monitor.wiring import Monitor, clock, open_monitor

_SECONDS = re.compile(r"(\d{1,3}(?:\.\d{1,3})?) ?s?")

ArchiveOption = Annotated[
    str | None,
    typer.Option(
        "--archive",
        metavar="URL",
        help="What its captures begin with; default the Internet Archive's, or MONITOR_ARCHIVE.",
    ),
]
IndexOption = Annotated[
    str,
    typer.Option(
        "--index",
        metavar="URL",
        help="Its CDX server or TimeMap, where it is not found by itself; {url} stands for the page's.",
    ),
]


def web(
    documents: Annotated[
        list[str], typer.Argument(metavar="PROVIDER/DOCUMENT...", help="Whose past to bring in.")
    ],
    archive: ArchiveOption = None,
    index: IndexOption = "",
    url: Annotated[
        list[str] | None,
        typer.Option("--url", metavar="URL", help="A former address of the document. Repeatable."),
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="Only captures from then on, as 2023-05-01.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Only captures up to then.")
    ] = None,
    every: Annotated[
        str, typer.Option("--every", metavar="SPAN", help="At most one capture in this time, as 12h or 1w.")
    ] = "1d",
    pause: Annotated[
        str, typer.Option("--pause", metavar="SECONDS", help="Between two requests to the archive.")
    ] = "2s",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what the archive has, and fetch no capture.")
    ] = False,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Bring in the past from a web archive: a Memento TimeMap or a CDX server says what it has.

    Each capture goes through the same guard, comparison and rules as a check, with the time that it has
    there; redirects, captured errors and broken bodies are skipped, and counted. Nobody is told of what is
    found. The archive is asked one thing at a time, and left alone for as long as it wishes. May be stopped
    and run again: it goes on after the last capture. Exit code 1 when a claim is in doubt by what was found,
    2 when the archive could not be asked to the end.

    Example: tos-monitor history web openai/privacy-policy --from 2023-01-01 --every 1w
    """
    chosen = settings(watchlist=watchlist, database=database, archive=archive)
    configure(chosen, default="info")
    wanted = replace(_between(from_, until), former=tuple(url or ()), every=_span(every))
    with open_monitor(chosen) as monitor:
        found = monitor.select(documents)
        if wanted.former and len(found) > 1:
            raise UsageError("--url is a former address of one document; name one alone")
        results, failed = asyncio.run(_ask(monitor, found, wanted, index, _pause(pause), dry_run=dry_run))
    doubts = sum(len(one.change.doubts) for one in results if one.change)
    if doubts:
        typer.echo(f"{counted(doubts, 'claim')} in doubt; see them with: tos-monitor status")
    raise typer.Exit(Exit.FLAGGED if doubts else Exit.FAILED if failed else Exit.NOTHING)


async def _ask(
    monitor: Monitor,
    documents: Iterable[Document],
    wanted: Wanted,
    index: str,
    pause: timedelta,
    *,
    dry_run: bool,
) -> tuple[list[CheckResult], bool]:
    """Ask for one document after the other, until the archive does not answer any more.

    What came of the captures, and whether the archive could not be asked, or not to the end.
    """
    chosen = monitor.settings
    found = places(chosen.archive, index)
    knowledge = Knowledge(
        rules=monitor.rules,
        watchlist=monitor.watchlist,
        verified=answers_that_count(monitor.store.verifications()),
    )
    results: list[CheckResult] = []
    trouble = ""
    async with _reader(chosen, index, monitor, pause) as reader:
        work = WebImport(WebArchive(reader, found), monitor.store, knowledge)
        for document in documents:
            if dry_run:
                said, trouble = await _listed(work, document, wanted)
            else:
                done = await work.document(document, wanted)
                said, trouble = _summed(done), done.trouble
                results += done.results
            if not trouble and not work.archive.is_one:
                said = "no index found there"
            if said:
                typer.echo(f"{document.id}: {said}")
            if trouble:
                typer.echo(f"{document.id}: stopped: {trouble}; run it again to go on", err=True)
                break
        if work.archive.garbage:
            lines = counted(work.archive.garbage, "line")
            typer.echo(f"{lines} of the archive's index could not be read", err=True)
        if nowhere := work.archive.tried and not work.archive.is_one:
            typer.echo(_tried(work.archive.tried, index or chosen.archive), err=True)
    return results, bool(trouble or nowhere)


def _tried(tried: dict[str, str], home: str) -> str:
    """That there is no index, where it was looked for, and what to do."""
    lines = (f"  {address} answers with {what}" for address, what in tried.items())
    return "\n".join(
        (
            f"no index of a web archive was found at {home}; tried:",
            *lines,
            "name the archive's address with --archive, or that of its CDX server or TimeMap with --index",
        )
    )


def _reader(chosen: Settings, index: str, monitor: Monitor, pause: timedelta) -> ArchiveReader:
    return ArchiveReader(
        homes=(chosen.archive, index),
        pause=pause,
        allow_addresses=monitor.watchlist.allow_addresses,
        proxy=chosen.proxy,
        contact=chosen.contact,
        ca_file=chosen.ca_file,
    )


async def _listed(work: WebImport, document: Document, wanted: Wanted) -> tuple[str, str]:
    """What the archive has of a document, in a line; or why it could not be asked."""
    skipped: Counter[str] = Counter()
    try:
        looks = await work.listed(document, wanted, skipped)
    except ArchiveError as error:
        return "", str(error)
    if not looks:
        return f"no capture to fetch{_skipped(skipped)}", ""
    when = f"{looks[0].at:%Y-%m-%d} to {looks[-1].at:%Y-%m-%d}"
    return f"{counted(len(looks), 'capture')} to fetch, {when}{_skipped(skipped)}", ""


def _summed(done: Brought) -> str:
    """What came of one document's captures, in a line; "" where nothing came because of trouble."""
    counts = Counter(one.outcome for one in done.results).most_common()
    flagged = sum(map(is_flagged, done.results))
    any_there = done.known or done.left_out or done.skipped
    if done.trouble and not counts and not any_there:
        return ""
    notes = [
        ", ".join(f"{count} {outcome}" for outcome, count in counts)
        or ("nothing new" if any_there else "no capture found there"),
        f"{flagged} of them flagged" if flagged else "",
        f"{done.known} known from an earlier run" if done.known else "",
        f"{done.left_out} left out: not older than what was seen here" if done.left_out else "",
    ]
    return "; ".join(filter(None, notes)) + _skipped(done.skipped)


def _skipped(skipped: Counter[str]) -> str:
    told = ", ".join(f"{count} {why}" for why, count in skipped.most_common())
    return f"; skipped: {told}" if told else ""


def _between(from_: str | None, until: str | None) -> Wanted:
    """What is wanted of a time; UsageError where it ends before it begins."""
    now = clock()
    first, last = since(from_, now, option="--from"), since(until, now, option="--until")
    if first and last and last < first:
        raise UsageError("--until is before --from, and no capture lies between; exchange them")
    return Wanted(since=first, until=last)


def _span(text: str) -> timedelta:
    if text.strip() == "0":
        return timedelta(0)
    if not (found := SPAN.fullmatch(text.strip())):
        raise UsageError(
            f'--every: "{text}" is no span of time; write e.g. 12h, 1d or 1w, or 0 for every one'
        )
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def _pause(text: str) -> timedelta:
    if not (found := _SECONDS.fullmatch(text.strip())):
        raise UsageError(f'--pause: "{text}" is no number of seconds; write e.g. 2s')
    return timedelta(seconds=float(found[1]))
