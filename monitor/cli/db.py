"""`tos-monitor db`: proving the database, copying it, putting a copy back, what it holds, what may go."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.exits import Exit
from monitor.cli.options import SPAN, UNITS, DatabaseOption, WatchlistOption
from monitor.errors import UsageError
from monitor.logs import configure
from monitor.report.wording import counted
from monitor.settings import settings
from monitor.store import copying, upkeep
from monitor.store.prune import LEAST_WITHDRAWN, Ages
from monitor.wiring import clock

NEVER = "never"

db = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

ForceOption = Annotated[bool, typer.Option("--force", help="Replace what is there.")]


@db.callback()
def about() -> None:
    """Look after the database: prove, copy, restore and prune it.

    Example: tos-monitor db verify
    """


@db.command("verify")
def verify(watchlist: WatchlistOption = None, database: DatabaseOption = None) -> None:
    """Prove that every stored byte is what it was, and that every reference, page and change can be read.

    Exit codes: 0 all is whole, 3 something is not.

    Example: tos-monitor db verify --database /var/lib/tos-monitor/watchlist.db
    """
    proof = upkeep.verify(_url(watchlist, database))
    for problem in proof.problems:
        typer.echo(problem)
    whole = f"{counted(proof.blobs, 'blob')} ({size(proof.bytes)} when unpacked) and "
    whole += f"{counted(proof.readable, 'page or change', 'pages and changes')} are whole"
    if proof.problems:
        typer.echo(
            f"{counted(len(proof.problems), 'problem')}; {whole}. Keep this database, stop what uses it, "
            "and put a copy in its place: tos-monitor db restore FILE --force"
        )
        raise typer.Exit(Exit.USAGE)
    typer.echo(f"All {whole}.")


@db.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy goes.")],
    force: ForceOption = False,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Copy the database as it is at this moment, while everything runs.

    Example: tos-monitor db backup /backups/terms.db
    """
    written = upkeep.backup(_url(watchlist, database), file, force=force)
    typer.echo(f"Copied to {file} ({size(written)}).")


@db.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A copy that `db backup` made.")],
    force: ForceOption = False,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Put a copy in the database's place; the old one is kept beside it.

    The copy is proven to be whole first, as `db verify` does. Stop the daemon before: a database in use is
    not replaced. What is put back has the owner and the rights of the old one.

    Example: tos-monitor db restore /backups/terms.db --force
    """
    old = upkeep.restore(_url(watchlist, database), file, clock(), force=force)
    typer.echo(f"Restored from {file}." + (f" The database of before is {old}." if old else ""))


@db.command("stats")
def stats(
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Say what the database holds, and how many bytes that takes.

    Example: tos-monitor db stats --json
    """
    found = upkeep.stats(_url(watchlist, database))
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=2))
        return
    for name, rows in found.rows.items():
        typer.echo(f"{name:22} {rows:>12,}")
    typer.echo(f"\n{'bytes':22} {'number':>12} {'as they came':>14} {'stored':>12}")
    for one in found.bytes:
        typer.echo(f"{one.kind:22} {one.count:>12,} {size(one.plain):>14} {size(one.stored):>12}")
    free = f", of which free {size(found.free)}" if found.free else ""
    typer.echo(f"\n{'on the disk':22} {size(found.file):>12}{free}")


@db.command("prune")
def prune(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    checks: Annotated[
        str, typer.Option("--checks", metavar="AGE", help="Checks in a row that found the same.")
    ] = "400d",
    doubtful: Annotated[
        str, typer.Option("--doubtful", metavar="AGE", help="Doubtful captures that were not accepted.")
    ] = "90d",
    withdrawn: Annotated[
        str, typer.Option("--withdrawn", metavar="AGE", help="Texts that did not show again.")
    ] = "90d",
    captures: Annotated[
        str, typer.Option("--captures", metavar="AGE", help='Captures that `keep = "all"` kept.')
    ] = NEVER,
    compact: Annotated[bool, typer.Option("--compact", help="Give the space back to the disk.")] = False,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Let go of what is older than these ages, as in "90d", "26w" or "never".

    Nothing goes that a version, a confirmed change, a doubt, a claim's verification or any other step cites.
    Of checks in a row with the same result the first and the last stay, of a document's doubtful captures
    the newest.

    Example: tos-monitor db prune --dry-run
    """
    ages = Ages(
        checks=_age("--checks", checks),
        doubtful=_age("--doubtful", doubtful),
        withdrawn=_age("--withdrawn", withdrawn, LEAST_WITHDRAWN),
        captures=_age("--captures", captures),
    )
    url = _url(watchlist, database)
    gone = upkeep.prune(url, ages, clock(), dry_run=dry_run)
    if compact and not dry_run:
        upkeep.compact(url)
    verb = "Would remove" if dry_run else "Removed"
    typer.echo(
        f"{verb} {counted(gone.checks, 'check')}, {counted(gone.doubtful, 'doubtful capture')}, "
        f"{counted(gone.withdrawn, 'withdrawn text')} and {counted(gone.captures, 'other capture')}: "
        f"{size(gone.bytes)} of stored bytes."
    )


@db.command("copy")
def copy_(
    source: Annotated[str, typer.Argument(metavar="FROM", help="The database that is there: a file or URL.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="A new, empty database: a file or URL.")],
) -> None:
    """Copy everything into an empty database, SQLite or PostgreSQL, and compare every row.

    FROM may be used meanwhile: what is copied is its state at one moment. Stop what writes to it before you
    go over to TO. All of TO is written in one transaction: cut off in the middle, it is empty as before.
    The queue that workers take checks from is not copied; it is filled again by itself.

    Example: tos-monitor db copy watchlist.db postgresql://monitor@db.example/monitor
    """
    chosen = settings(database=source)
    configure(chosen)
    with _progress() as told:
        try:
            rows = copying.copy(chosen.database, settings(database=target).database, told)
        except KeyboardInterrupt:
            typer.echo("Cut off: nothing was kept, and the copy can be begun again.", err=True)
            raise
    done = f"{counted(sum(rows.values()), 'row')} of {counted(len(rows), 'table')}"
    typer.echo(f"Copied {done}, and compared every one.")


@contextmanager
def _progress() -> Iterator[copying.Told]:
    """How a copy goes on, on standard error; nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda verb, table, done, total: None
        return
    from rich.console import Console  # noqa: PLC0415  this and what follows take 60 ms to load
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=30), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("")
        yield lambda verb, table, done, total: progress.update(
            task, description=f"{verb} {table}", completed=done, total=total
        )


@db.command("upgrade")
def upgrade(watchlist: WatchlistOption = None, database: DatabaseOption = None) -> None:
    """Bring the database to this program's schema; of a SQLite file a copy is kept beside it first.

    Any other command does so too when it opens the database.

    Example: tos-monitor db upgrade
    """
    before, now = upkeep.upgrade(_url(watchlist, database))
    typer.echo(f"The schema is {now}" + ("." if before == now else f"; it was {before}."))


def size(number: int) -> str:
    """Bytes in the unit that suits them: "512 B", "3.4 KB", "1.2 GB"."""
    if number < 1000:
        return f"{number} B"
    amount = float(number)
    for unit in ("KB", "MB", "GB"):
        amount /= 1000
        if amount < 1000:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:.1f} TB"


def _url(watchlist: Path | None, database: str | None) -> str:
    chosen = settings(watchlist=watchlist, database=database)
    configure(chosen)
    return chosen.database


def _age(option: str, text: str, least: timedelta = timedelta(days=1)) -> timedelta | None:
    if text.strip() == NEVER:
        return None
    span = SPAN.fullmatch(text.strip())
    if span is None:
        raise UsageError(f'{option}: "{text}" is no age; write e.g. 90d, 26w or {NEVER}')
    age = timedelta(**{UNITS[span[2]]: int(span[1])})
    if age < least:
        raise UsageError(f"{option}: {text} is too young; write at least {least.days}d")
    return age
