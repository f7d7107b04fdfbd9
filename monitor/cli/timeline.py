"""`tos-monitor timeline`: how a position moved over the years, by what was said and what was claimed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

import typer

from monitor import evidence
from monitor.cli.options import DatabaseOption, Format, FormatOption, OutputOption, WatchlistOption
from monitor.cli.reports import show
from monitor.errors import UsageError
from monitor.model import Document, Product
from monitor.report import TIMELINE
from monitor.report.timeline import Said, Timeline
from monitor.review import Review
from monitor.settings import settings
from monitor.statements.summary import describe
from monitor.wiring import Monitor, clock, open_monitor


def timeline(
    product: Annotated[str, typer.Argument(metavar="PRODUCT", help='A product path, as in "anthropic/api".')],
    topic: Annotated[
        str | None, typer.Argument(metavar="TOPIC", help="Only this topic; default all.", show_default=False)
    ] = None,
    format: FormatOption = Format.TERMINAL,
    output: OutputOption = None,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Tell how a position moved over the years.

    Puts what each version of the product's documents said, imported ones included, beside what was claimed,
    doubted and verified: a line a date, only where something changed. As HTML with a picture.

    Example: tos-monitor timeline anthropic/api training --format html --output timeline.html
    """
    if format not in TIMELINE:
        raise UsageError(f"--format {format}: a timeline is printed as {', '.join(TIMELINE)}")
    with open_monitor(settings(watchlist=watchlist, database=database)) as monitor:
        review = Review(monitor.watchlist, monitor.rules, monitor.store)
        now = clock()
        histories = review.histories(product, topic, now)
        topics = [standing.topic for standing, _ in histories.claims]
        sources = monitor.watchlist.sources_of(histories.product)
        names = dict.fromkeys(name for source in sources for name in source.documents)
        said = [
            one
            for name in names
            for one in _told_by(monitor, monitor.watchlist.documents[name], histories.product, topics)
        ]
        healths = monitor.store.health(list(names))
    seen = {one.document: one.lengths[-1][0] for one in healths if one.lengths}
    show(Timeline(histories, tuple(said), now, seen), TIMELINE, format, output)


def _told_by(monitor: Monitor, document: Document, product: Product, topics: Iterable[str]) -> Iterator[Said]:
    """What a document's versions said, each only where it is not what the one before said."""
    last: dict[str, tuple[str, ...]] = {}
    for info in monitor.store.versions(document.id):
        blocks = monitor.store.version(info.id).page.blocks
        reading = evidence.read(document.id, blocks, monitor.rules, document.language)
        for topic in topics:
            found = evidence.about(product, reading.on(topic))
            positions = tuple(dict.fromkeys(map(describe, found)))
            if last.get(topic) == positions or (not positions and topic not in last):
                continue
            last[topic] = positions
            yield Said(
                document=document.id,
                at=info.at,
                version=info.id,
                topic=topic,
                source=info.source,
                positions=positions,
                sentences=tuple(dict.fromkeys(one.text for one in found)),
            )
