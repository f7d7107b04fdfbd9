"""`tos-monitor verify`, `dismiss` and `accept`: a person's answer to what was flagged or held back."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import typer

from monitor.accept import accept as accept_capture
from monitor.cli.exits import DEFAULT, exit_code
from monitor.cli.options import DatabaseOption, Format, FormatOption, OutputOption, WatchlistOption
from monitor.cli.reports import show
from monitor.errors import UsageError
from monitor.logs import configure
from monitor.model import CheckResult, Claim, Document, Doubt, Duration, Product, Standing, Verification
from monitor.report import FORMATS
from monitor.settings import settings
from monitor.statements.durations import parse_duration
from monitor.watchlist import POSITIONS
from monitor.wiring import Monitor, clock, open_monitor, parts

ByOption = Annotated[str | None, typer.Option("--by", help="Who answers; default your user name.")]


def verify(
    product: Annotated[str, typer.Argument(metavar="PRODUCT", help='A product path, as in "anthropic/api".')],
    topic: Annotated[
        str, typer.Argument(metavar="TOPIC", help="training, retention, or a topic of your own.")
    ],
    position: Annotated[
        str | None,
        typer.Option("--position", help="The position now; default: the claim is confirmed as it is."),
    ] = None,
    period: Annotated[str | None, typer.Option("--period", help='For retention, as in "30 days".')] = None,
    by: ByOption = None,
    note: Annotated[str, typer.Option("--note", help="What you saw, for the next reader.")] = "",
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Answer a doubt: confirm a claim, or give its new value.

    Example: tos-monitor verify anthropic/api retention --position period --period "30 days"
    """
    with open_monitor(settings(watchlist=watchlist, database=database)) as monitor:
        now = clock()
        standing = _standing(monitor, product, topic, now)
        value = _value(standing, position, period)
        document, clause = _evidence(monitor, standing)
        answer = Verification(
            product=product,
            topic=topic,
            position=value.position,
            period=value.period,
            at=now,
            by=by or getpass.getuser(),
            note=note,
            version=document,
            evidence=clause,
        )
        monitor.store.verify(answer, standing.seen)
    words = value.position + (f", {value.period.text}" if value.period else "")
    typer.echo(
        f"{product} {topic}: {words}, verified {now:%Y-%m-%d} by {answer.by} ({settled(standing.doubts)})"
    )


def settled(doubts: Iterable[Doubt]) -> str:
    """Which changes an answer settled, so that one that came in between is not settled unread."""
    numbers = sorted({doubt.change for doubt in doubts})
    if not numbers:
        return "it was not in doubt"
    return f"settles change{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def dismiss(
    change: Annotated[int, typer.Argument(metavar="CHANGE", help="The number of the change.")],
    why: Annotated[str, typer.Option("--why", help="The reason, for the next reader.")],
    by: ByOption = None,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Close a change that puts no claim in doubt, with the reason.

    Example: tos-monitor dismiss 12 --why "only the summary box was reworded"
    """
    if not why.strip():
        raise UsageError('--why: give the reason, as in --why "only reworded"')
    with open_monitor(settings(watchlist=watchlist, database=database)) as monitor:
        seen = [doubt.id for doubt in monitor.store.change(change).doubts if doubt.open]
        monitor.store.dismiss(change, why=why.strip(), by=by or getpass.getuser(), at=clock(), seen=seen)
    typer.echo(f"change {change} dismissed: {why.strip()}")


def accept(
    document: Annotated[
        str, typer.Argument(metavar="PROVIDER/DOCUMENT", help="The document whose capture was held back.")
    ],
    why: Annotated[str, typer.Option("--why", help="What you saw, for the next reader.")] = "",
    by: ByOption = None,
    format: FormatOption = Format.TERMINAL,
    output: OutputOption = None,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Take the newest doubtful capture for the document after all.

    Its text becomes the next version, confirmed, and what changed with it is reported as by `check`,
    with the same exit codes.

    Example: tos-monitor accept openai/privacy-policy --why "moved into the new help centre"
    """
    chosen = settings(watchlist=watchlist, database=database)
    configure(chosen)
    with open_monitor(chosen) as monitor:
        watched = _document(monitor, document)
        results = (asyncio.run(_accept(monitor, watched, by or getpass.getuser(), why.strip())),)
        report = monitor.report("Accepted", results=results, documents=(watched,))
    show(report, FORMATS, format, output)
    raise typer.Exit(exit_code(results, DEFAULT))


async def _accept(monitor: Monitor, document: Document, by: str, why: str) -> CheckResult:
    async with parts(monitor) as work:
        return accept_capture(document, work, by=by, why=why)


def _document(monitor: Monitor, name: str) -> Document:
    (first, *others) = monitor.select((name,))
    if others or first.id != name:
        raise UsageError(f'"{name}" is a provider; name one document, as in {first.id}')
    return first


def _standing(monitor: Monitor, product: str, topic: str, now: datetime) -> Standing:
    known = monitor.watchlist.products
    if product not in known:
        raise UsageError(f'"{product}" is no product path; there is: {", ".join(sorted(known))}')
    standings = monitor.standings(now)
    if (product, topic) not in standings:
        topics = sorted(name for path, name in standings if path == product)
        raise UsageError(f'"{topic}" is no topic of {product}; there is: {", ".join(topics)}')
    return standings[product, topic]


def _value(standing: Standing, position: str | None, period: str | None) -> Claim:
    """The claim's value after this answer: what was typed, else as it stands."""
    product, topic, claim = standing.product, standing.topic, standing.claim
    if position is None and period is None:
        if claim is None or standing.sources:
            raise UsageError(_say_position(product, topic, "has no value to confirm"))
        return claim
    length = _period(period)
    position = position or "period"
    if position not in POSITIONS.get(topic, (position,)):
        raise UsageError(f'--position: "{position}" is not one of {", ".join(POSITIONS[topic])}')
    if (position == "period") != (length is not None):
        raise UsageError(
            '--position period and --period go together, as in --position period --period "30 days"'
        )
    return Claim(product=product.id, topic=topic, position=position, period=length)


def _say_position(product: Product, topic: str, why: str) -> str:
    choices = ", ".join(POSITIONS.get(topic, ()))
    return f"{product.id} {topic} {why}: say which with --position" + (f" ({choices})" if choices else "")


def _period(text: str | None) -> Duration | None:
    if text is None:
        return None
    length = parse_duration(text)
    if length is None:
        raise UsageError(f'--period: "{text}" is no duration; write e.g. "30 days" or "18 months"')
    return length


def _evidence(monitor: Monitor, standing: Standing) -> tuple[int | None, str]:
    """The version that was read for this answer, and the flagged clause where a doubt named one."""
    doubts: tuple[Doubt, ...] = standing.doubts
    if doubts:
        change = monitor.store.change(doubts[-1].change)
        clauses = [flag.clause for flag in change.change.flags if flag.topic == standing.topic]
        texts = [clause.after.text for clause in clauses if clause.after]
        return change.after.id, texts[0] if texts else ""
    known = [monitor.store.known(document) for document in standing.product.documents]
    versions = [one.version_id for one in known if one]
    return (versions[0] if len(versions) == 1 else None), ""
