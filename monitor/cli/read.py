"""`tos-monitor report`, `changes`, `show`, `status` and `claims`: what is in the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated

import typer

from monitor.cli.notify import undelivered
from monitor.cli.options import DatabaseOption, Format, FormatOption, OutputOption, WatchlistOption, since
from monitor.cli.reports import show as print_report
from monitor.errors import UsageError
from monitor.links import legal_links
from monitor.links.compare import compare
from monitor.model import Document, LinkFinding, RecordedChange
from monitor.report import CHANGES, CLAIMS, FORMATS, HISTORY, LINKS, SHOW, STATUS
from monitor.report.history import Histories
from monitor.report.links import Links
from monitor.review import Review
from monitor.settings import settings
from monitor.wiring import Monitor, clock, open_monitor

SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="TIME", help="7d, 12h, or a date such as 2026-05-05.")
]
ProviderOption = Annotated[
    list[str] | None,
    typer.Option("--provider", metavar="NAME", help="PROVIDER or PROVIDER/DOCUMENT; repeatable."),
]


def report(
    since_: SinceOption = "7d",
    change: Annotated[int | None, typer.Option("--change", metavar="ID", help="Only this change.")] = None,
    provider: ProviderOption = None,
    format: FormatOption = Format.TERMINAL,
    output: OutputOption = None,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Report the changes of a period, or one change, with the health of the documents.

    Example: tos-monitor report --since 30d --format html --output report.html
    """
    with open_monitor(settings(watchlist=watchlist, database=database)) as monitor:
        documents = monitor.select(provider or ())
        if change is not None:
            found: tuple[RecordedChange, ...] = (monitor.store.change(change),)
            title = f"Change {change}"
            linked: tuple[LinkFinding, ...] = ()
        else:
            start = since(since_, clock())
            ids = [document.id for document in documents]
            found = monitor.store.changes(document_ids=ids, since=start)
            linked = monitor.store.link_findings(ids, since=start)
            title = f"Changes since {start:%Y-%m-%d %H:%M} UTC"
        made = replace(monitor.report(title, changes=found, documents=documents), links=linked)
    print_report(made, FORMATS, format, output)


def changes(
    since_: SinceOption = None,
    provider: ProviderOption = None,
    format: FormatOption = Format.TERMINAL,
    output: OutputOption = None,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """List the recorded changes.

    Example: tos-monitor changes --since 30d --format json
    """
    with open_monitor(settings(watchlist=watchlist, database=database)) as monitor:
        ids = [document.id for document in monitor.select(provider or ())]
        start = since(since_, clock())
        found = monitor.store.changes(document_ids=ids, since=start)
        linked = monitor.store.link_findings(ids, since=start)
        made = replace(monitor.report("Changes", changes=found), links=linked)
    print_report(made, CHANGES, format, output)


def show(
    change: Annotated[int, typer.Argument(metavar="CHANGE", help="The number of the change.")],
    links: Annotated[
        bool, typer.Option("--links", help="Show its links instead: those that changed, and legal documents.")
    ] = False,
    format: FormatOption = Format.TERMINAL,
    output: OutputOption = None,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Show one change in full, with every clause.

    Example: tos-monitor show 12
    """
    with open_monitor(settings(watchlist=watchlist, database=database)) as monitor:
        recorded = monitor.store.change(change)
        found = _links_of(monitor, recorded) if links else None
        made = monitor.report(f"Change {change}", changes=(recorded,))
    print_report(found or made, LINKS if found else SHOW, format, output)


def _links_of(monitor: Monitor, change: RecordedChange) -> Links:
    """What a change did to the links of its document, and the legal documents that it links to since."""
    before, after = (monitor.store.version(one.id) for one in (change.before, change.after))
    return Links(
        title=f"Links of change {change.id}",
        at=clock(),
        watchlist=monitor.watchlist,
        changed=compare(before.page, after.page),
        named=legal_links(after.page, after.url),
    )


def status(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[PROVIDER]...", help="Only these; default all.")
    ] = None,
    links: Annotated[
        bool, typer.Option("--links", help="Show instead which legal documents the pages link to.")
    ] = False,
    format: FormatOption = Format.TERMINAL,
    output: OutputOption = None,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Show every position with its state, and the health of every document.

    Example: tos-monitor status anthropic
    """
    with open_monitor(settings(watchlist=watchlist, database=database)) as monitor:
        documents = monitor.select(names or ())
        found = _linked_by(monitor, documents) if links else None
        providers = {name for name in names or () if name in monitor.watchlist.providers}
        products = monitor.products(providers) if providers or not names else frozenset[str]()
        made = monitor.report("Status", documents=documents, products=products)
        waiting = undelivered(monitor)
    print_report(found or made, LINKS if found else STATUS, format, output)
    for line in waiting:
        typer.echo(line, err=True)


def _linked_by(monitor: Monitor, documents: Iterable[Document]) -> Links:
    """The legal documents that the pages of these documents link to."""
    known = [(document.id, monitor.store.links(document.id)) for document in documents]
    return Links(
        title="Linked documents",
        at=clock(),
        watchlist=monitor.watchlist,
        seen=tuple((document, link) for document, links in known if links for link in links.links),
    )


def claims(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PROVIDER | PRODUCT]...",
            help="Only these; default all. With --history: PRODUCT [TOPIC].",
        ),
    ] = None,
    history: Annotated[
        bool, typer.Option("--history", help="Tell what happened to the claims of a product path.")
    ] = False,
    format: FormatOption = Format.TERMINAL,
    output: OutputOption = None,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """List the published claims and where each stands.

    With --history: the story of a product path's claims with dates, from when each was published through
    what put it in doubt to who verified it on which clause, and what was undone.

    Example: tos-monitor claims openai --format markdown
    """
    with open_monitor(settings(watchlist=watchlist, database=database)) as monitor:
        if history:
            print_report(_histories(monitor, names or [], format), HISTORY, format, output)
            return
        made = monitor.report("Claims", products=monitor.products(names or ()))
    print_report(made, CLAIMS, format, output)


def _histories(monitor: Monitor, names: list[str], format: Format) -> Histories:
    if format not in HISTORY:
        raise UsageError(f"--format {format}: a history is printed as {' or '.join(HISTORY)}")
    if len(names) not in (1, 2):
        raise UsageError("--history: name a product path, and a topic if you like: anthropic/api training")
    review = Review(monitor.watchlist, monitor.rules, monitor.store)
    return review.histories(names[0], names[1] if len(names) > 1 else None, clock())
