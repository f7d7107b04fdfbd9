"""`tos-monitor history`: bring in the past of documents, and watch what others watched."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.exits import Exit
from monitor.cli.history_web import web
from monitor.cli.options import DatabaseOption, OutputOption, WatchlistOption, deliver, since
from monitor.errors import UsageError
from monitor.history import terms_archive
from monitor.history.declarations import services, watchlist_text
from monitor.history.git import Repository
from monitor.history.mapping import Match, match
from monitor.history.terms_archive import Archive
from monitor.history.terms_import import Imported, Plot, import_all
from monitor.logs import configure
from monitor.report.wording import counted
from monitor.settings import settings
from monitor.watchlist import load_watched, load_watchlist
from monitor.watchlist.edit import history_written
from monitor.wiring import clock, open_monitor

history = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@history.callback()
def about() -> None:
    """Bring in the past of documents, and watch what others watched.

    Example: tos-monitor history import genai-versions
    """


@history.command("import")
def import_(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A git clone, also a bare one.")],
    map_: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="SERVICE/TYPE=PROVIDER/DOCUMENT",
            help='Which terms are which document; "SERVICE/TYPE #2" is one of several pages. Repeatable.',
        ),
    ] = None,
    since_: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="Begin with the text that stood then.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say which terms are which document, and keep nothing.")
    ] = False,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Bring in the past from a repository of Open Terms Archive, of versions or of snapshots.

    Each record goes through the same guard, comparison and rules as a check, with the time that it has
    there. Nobody is told of what is found, and a claim that was verified later stays as it is. What is
    imported must be older than what was seen here: later records are left out, and counted. May be stopped
    and run again. Which terms are which document is proposed by address, or provider and type, and kept in
    the watchlist as history = "Service/Terms Type". Exit code 1 when a claim is in doubt by what was found.

    Example: tos-monitor history import genai-versions --map "ChatGPT/Privacy Policy=openai/privacy-policy"
    """
    chosen = settings(watchlist=watchlist, database=database)
    configure(chosen)
    repository = Repository(path)
    archive = terms_archive.read(repository)
    known = load_watchlist(chosen.watchlist)
    matches = match(archive, known, _told(map_ or ()))
    start = since(since_, clock())
    _say_matches(archive, matches, in_full=dry_run)
    if dry_run:
        return
    _keep_names(chosen.watchlist, matches, {id: one.history for id, one in known.documents.items()})
    with open_monitor(chosen) as monitor:
        plot = Plot(
            name=archive.name,
            series=archive.series,
            repository=path,
            database=chosen.database,
            rules=monitor.rules,
            watchlist=monitor.watchlist,
            since=start,
        )
        doubts = _bring_in(plot, matches)
    if doubts:
        typer.echo(f"{counted(doubts, 'claim')} in doubt; see them with: tos-monitor status")
    raise typer.Exit(Exit.FLAGGED if doubts else Exit.NOTHING)


@history.command("declarations")
def declarations_(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A clone of a repository of declarations.")],
    service: Annotated[str, typer.Option("--service", metavar="NAME", help="Only this service.")] = "",
    output: OutputOption = None,
    watchlist: WatchlistOption = None,
) -> None:
    """Turn Open Terms Archive's declarations into entries for the watchlist, to append.

    What a watchlist cannot say stands as a comment beside each entry, with the reason; an entry that is
    watched already, or that the watchlist would refuse, is commented out as a whole.

    Example: tos-monitor history declarations genai-declarations --service ChatGPT >> watchlist.toml
    """
    chosen = settings(watchlist=watchlist)
    known = load_watched(chosen.watchlist, required=watchlist is not None)
    deliver(watchlist_text(services(folder, service), known), output)


history.command("web")(web)


# --- what is which -------------------------------------------------------------------------------


def _told(pairs: Iterable[str]) -> dict[str, str]:
    """The documents by the terms that they are, as `--map` tells."""
    found = {}
    for pair in pairs:
        terms, equals, document = pair.rpartition("=")
        if not equals or "/" not in terms or "/" not in document:
            raise UsageError(f'--map "{pair}": write SERVICE/TYPE=PROVIDER/DOCUMENT')
        found[terms.strip()] = document.strip()
    return found


def _say_matches(archive: Archive, matches: Iterable[Match], *, in_full: bool) -> None:
    named = [one for one in matches if one.document]
    former = {name for one in named for name in one.series.former}
    others = [one for one in matches if not one.document and one.name not in former]
    typer.echo(f"{archive.name}: {len(archive.series)} series of records")
    for one in named:
        first, last = one.series.span
        when = f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
        assembled = one.series.entries[-1].sources
        several = f"; put together from {assembled} pages, #1 to #{assembled}" if assembled > 1 else ""
        count = counted(len(one.series.entries), "record")
        before = "".join(f", before that {name}" for name in one.series.former)
        typer.echo(f"  {one.name} -> {one.document} ({one.why}), {count}, {when}{before}{several}")
    for one in others if in_full else [one for one in others if "provider" not in one.why]:
        typer.echo(f'  {one.name}: left out: {one.why}; to take it: --map "{one.name}=PROVIDER/DOCUMENT"')
    if others and not in_full:
        typer.echo(f"  {len(others)} left out in all; --dry-run names each with the reason")


def _keep_names(path: Path, matches: Iterable[Match], before: Mapping[str, tuple[str, ...]]) -> None:
    """Keep in the watchlist which terms each document is."""
    names = dict(before)
    for one in matches:
        if one.document and one.name not in names[one.document]:
            names[one.document] = (*names[one.document], one.name)
    added = {document: told for document, told in names.items() if told != before[document]}
    if added:
        history_written(path, added).keep()
        typer.echo(f"{path}: kept as history = … of {counted(len(added), 'document')}")


def _bring_in(plot: Plot, matches: Iterable[Match]) -> int:
    """Import all, told document by document; how many claims are in doubt by it."""
    doubts = 0
    try:
        for done in import_all(plot, matches, processes=os.cpu_count() or 1):
            typer.echo(f"{done.document}: {_summed(done)}")
            doubts += done.doubts
    except KeyboardInterrupt:
        typer.echo("Stopped; what came so far is kept: run the same command again to go on.", err=True)
        raise
    return doubts


def _summed(done: Imported) -> str:
    """What came of one document's records, in a line."""
    counts = sorted(done.outcomes.items(), key=lambda one: -one[1])
    told = ", ".join(f"{count} {outcome}" for outcome, count in counts)
    notes = [
        f"{done.flagged} of them flagged" if done.flagged else "",
        f"{done.known} known from an earlier run" if done.known else "",
        f"{done.left_out} left out: not older than what was seen here" if done.left_out else "",
        *(f"{outcome}: {why}" for outcome, why in done.why.items()),
    ]
    return "; ".join(filter(None, [told or "nothing new", *notes]))
