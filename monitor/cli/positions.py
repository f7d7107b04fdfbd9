"""`tos-monitor statements` and `explain`: what a text says, and whether it bears out what is claimed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor import evidence
from monitor import extract as reading
from monitor.cli.exits import Exit
from monitor.cli.files import read_file
from monitor.cli.options import DatabaseOption, Format, FormatOption, OutputOption, WatchlistOption
from monitor.cli.reports import show
from monitor.errors import UsageError
from monitor.evidence import Bearing, Reading
from monitor.model import Claim, Product, Standing
from monitor.report import EXPLAINED, STATEMENTS
from monitor.report.positions_view import Explained, Listing
from monitor.settings import Settings, settings
from monitor.statements.rules import Rules, load_rules
from monitor.wiring import Monitor, clock, open_monitor


def statements(
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE|PROVIDER/DOCUMENT",
            help="HTML, PDF, Markdown or text, may be .gz; or a watched document's current version.",
        ),
    ],
    topic: Annotated[list[str] | None, typer.Option("--topic", help="Only this topic; repeatable.")] = None,
    format: FormatOption = Format.TERMINAL,
    output: OutputOption = None,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """List the positions found in a text.

    For each statement: its section, what it says in one plain line, the sentence with the words that made
    the rules fire between *stars*, its conditions, exceptions, audience and periods, and the rules. Exit
    code 2 when the text is in a language without rules or was not yet seen: it is unknown what it says.

    Example: tos-monitor statements terms.html --topic training
    """
    chosen = settings(watchlist=watchlist, database=database)
    rules = load_rules(chosen.rules)
    topics = _topics(rules, topic or ())
    found = _reading_of(source, chosen, rules)
    show(Listing(found, topics, chosen.options), STATEMENTS, format, output)
    raise typer.Exit(Exit.NOTHING if found.seen and found.understood else Exit.FAILED)


def explain(
    product: Annotated[str, typer.Argument(metavar="PRODUCT", help='A product path, as in "anthropic/api".')],
    topic: Annotated[
        str | None, typer.Argument(metavar="TOPIC", help="Only this topic; default all.", show_default=False)
    ] = None,
    format: FormatOption = Format.TERMINAL,
    output: OutputOption = None,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Put the published claims of a product beside what its documents say.

    Says for each claim and each document's current version whether the text supports the claim, contradicts
    it, or is silent, with the sentences. It changes nothing: only `tos-monitor verify` answers a doubt. Exit
    codes: 0, 1 when a text contradicts a claim, 2 when one is not understood or not yet seen.

    Example: tos-monitor explain anthropic/api training
    """
    with open_monitor(settings(watchlist=watchlist, database=database)) as monitor:
        made = _explained(monitor, _product(monitor, product), topic)
    show(made, EXPLAINED, format, output)
    raise typer.Exit(_exit_code(made))


def _topics(rules: Rules, wanted: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    for name in wanted:
        if name not in rules.topics:
            raise UsageError(f'"{name}" is no topic; there is: {", ".join(rules.topics)}')
    return tuple(dict.fromkeys(wanted)) or tuple(rules.topics)


# --- texts -------------------------------------------------------------------------------------


def _reading_of(source: str, chosen: Settings, rules: Rules) -> Reading:
    """A file by that name, else the watched document."""
    if Path(source).is_file():
        page = reading.read(read_file(Path(source)))
        return evidence.read(source, page.blocks, rules)
    if source.count("/") != 1 or not chosen.watchlist.is_file():
        raise UsageError(f'{source}: no such file; name one, or a watched document as in "anthropic/privacy"')
    with open_monitor(chosen) as monitor:
        return _current(monitor, source)


def _current(monitor: Monitor, name: str) -> Reading:
    """What the current version of a watched document says."""
    document = monitor.watchlist.documents.get(name)
    if document is None:
        (first, *_) = monitor.select((name,))
        raise UsageError(f'"{name}" is a provider; name one document, as in {first.id}')
    return monitor.reading(document)


# --- claims ------------------------------------------------------------------------------------


def _product(monitor: Monitor, name: str) -> Product:
    products = monitor.watchlist.products
    if name not in products:
        raise UsageError(f'"{name}" is no product path; there is: {", ".join(sorted(products))}')
    return products[name]


def _explained(monitor: Monitor, product: Product, topic: str | None) -> Explained:
    standings = {
        name: standing
        for (path, name), standing in monitor.standings(clock()).items()
        if path == product.id and topic in (None, name)
    }
    if not standings:
        raise UsageError(
            f'"{topic}" is no topic of {product.id}; there is: {", ".join(monitor.rules.topics)}'
        )
    sources = monitor.watchlist.sources_of(product)
    documents = dict.fromkeys(name for source in sources for name in source.documents)
    readings = tuple(monitor.reading(monitor.watchlist.documents[name]) for name in documents)
    return Explained(
        product=product,
        topics={
            name: (standing, tuple(evidence.explain(claim, product, readings) for claim in _claims(standing)))
            for name, standing in standings.items()
        },
        asked_of=tuple(source.id for source in sources if source != product),
        options=monitor.settings.options,
    )


def _claims(standing: Standing) -> tuple[Claim, ...]:
    """The claim in force, or every published one where they disagree."""
    return standing.sources or ((standing.claim,) if standing.claim else ())


def _exit_code(made: Explained) -> Exit:
    """1 before 2, as everywhere."""
    found = {
        answer.bearing for _, explained in made.topics.values() for one in explained for answer in one.answers
    }
    if found & {Bearing.CONTRADICTS, Bearing.BOTH}:
        return Exit.FLAGGED
    return Exit.FAILED if found & {Bearing.NOT_UNDERSTOOD, Bearing.NOT_SEEN} else Exit.NOTHING
