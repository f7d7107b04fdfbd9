"""`tos-monitor publish`: the ledger as a site of files for any web server, or to open from disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from monitor import folder
from monitor.cli.options import DatabaseOption, WatchlistOption
from monitor.errors import UsageError
from monitor.publish import site
from monitor.report.wording import counted
from monitor.settings import settings
from monitor.wiring import facts, open_monitor


def publish(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write the site into.")],
    url: Annotated[
        str | None,
        typer.Option("--url", metavar="URL", help="Where the site is read, for the links in feeds."),
    ] = None,
    title: Annotated[str, typer.Option("--title", help="What the site is called.")] = "",
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Write the positions, changes and documents as a site of files.

    With badges, feeds and tables. It needs no server and no script. Files that did not change are left
    alone, and of what is in the folder only files that this command wrote are ever removed; so it may run
    after every check.

    Example: tos-monitor publish public --url https://terms.example.org/
    """
    with open_monitor(settings(watchlist=watchlist, database=database)) as monitor:
        address = _address(url) if url else monitor.watchlist.site
        found = facts(
            monitor,
            changes=monitor.store.changes(),
            documents=monitor.watchlist.documents,
            title=title.strip(),
        )
    root = f"{address.rstrip('/')}/" if address else ""
    found = replace(found, url=root, host=urlsplit(address).hostname or "")
    done = folder.write(directory, site(found))
    typer.echo(
        f"{directory}: {counted(len(done.written), 'file')} written, {len(done.same):,} as they were, "
        f"{len(done.removed):,} removed"
    )


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        complete = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        complete = False
    if not complete or "?" in url or "#" in url or any(character.isspace() for character in url):
        raise UsageError(f'--url: "{url}" is no address of a site; write e.g. https://terms.example.org/')
    return url
