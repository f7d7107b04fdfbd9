"""`tos-monitor export` and `evidence`: captures for others to keep, and a change to hand to a lawyer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.options import DatabaseOption, WatchlistOption, deliver
from monitor.errors import UsageError
from monitor.history.warc import is_warc, write
from monitor.model import Capture, RecordedChange
from monitor.report import proof
from monitor.report.proof import Exhibit
from monitor.report.wording import counted
from monitor.settings import settings
from monitor.wiring import Monitor, open_monitor

MANIFEST = "SHA256SUMS"


def export(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PROVIDER/DOCUMENT|CHANGE]...", help="Default: every document."),
    ] = None,
    warc: Annotated[
        Path, typer.Option("--warc", metavar="FILE", help="Where to: a name that ends in .warc or .warc.gz.")
    ] = Path("captures.warc.gz"),
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Write the captures behind versions as a WARC file.

    `tos-monitor import` reads it, and so do web archives. Of documents every accepted version, of changes
    (by number) the captures before and after.

    Example: tos-monitor export --warc anthropic.warc.gz anthropic/privacy
    """
    if not is_warc(warc):
        raise UsageError(f"--warc {warc}: name a file that ends in .warc or .warc.gz")
    with open_monitor(settings(watchlist=watchlist, database=database)) as monitor:
        count = write(warc, _captures(monitor, what or ()))
    typer.echo(f"{warc}: {counted(count, 'capture')}")


def evidence(
    change: Annotated[int, typer.Argument(metavar="CHANGE", help="The number of the change.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Put a change into a folder to hand to somebody else.

    To a lawyer, or an auditor: it holds the two captures as a WARC file and as the very bytes, their
    addresses, times and headers as JSON, a page that shows every changed clause before and after with these
    facts, and the SHA-256 of each file, to be checked with: sha256sum -c SHA256SUMS

    Example: tos-monitor evidence 12 change-12
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty; name a new folder")
    with open_monitor(settings(watchlist=watchlist, database=database)) as monitor:
        recorded = monitor.store.change(change)
        exhibits = tuple(_exhibits(monitor, recorded))
        page = proof.shown(monitor.report(f"Change {change}", changes=(recorded,)), recorded, exhibits)
    deliver(page, folder / "change.html")
    deliver(proof.facts(recorded, exhibits), folder / "captures.json")
    write(folder / "captures.warc.gz", (one.capture for one in exhibits))
    for one in exhibits:
        (folder / one.file).write_bytes(one.capture.body)
    files = sorted(path for path in folder.iterdir() if path.name != MANIFEST)
    sums = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in files)
    deliver("\n".join(sums), folder / MANIFEST)
    typer.echo(f"{folder}: {counted(len(files), 'file')} and {MANIFEST}")


def _captures(monitor: Monitor, names: Iterable[str]) -> Iterator[Capture]:
    numbers = [name for name in names if name.isdecimal()]
    documents = [name for name in names if not name.isdecimal()]
    for number in numbers:
        yield from _of_change(monitor, monitor.store.change(int(number)))
    for document in monitor.select(documents) if documents or not numbers else ():
        for version in monitor.store.versions(document.id):
            yield monitor.store.capture_of(version.id)


def _of_change(monitor: Monitor, change: RecordedChange) -> Iterator[Capture]:
    for version in (change.before, change.after):
        yield monitor.store.capture_of(version.id)


def _exhibits(monitor: Monitor, change: RecordedChange) -> Iterator[Exhibit]:
    for label, version in (("before", change.before), ("after", change.after)):
        yield Exhibit(label, f"{label}.body", monitor.store.capture_of(version.id), version.id)
