"""The listings as tables of words: positions, health, claims and changes, for every format to draw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitor.health import alarms, in_trouble
from monitor.model import (
    RETENTION,
    TRAINING,
    ClaimState,
    Health,
    Product,
    RecordedChange,
    Report,
    ReviewState,
    Standing,
)
from monitor.report import linked, wording
from monitor.report.health import not_understood, state, troubles
from monitor.report.item import tell
from monitor.report.view import ordered
from monitor.report.wording import listed, short, visible

NONE = "–"


@dataclass(frozen=True)
class Row:
    """Cells, one a column; `alarm` when a person should look at the row."""

    cells: tuple[str, ...]
    alarm: bool = False


@dataclass(frozen=True)
class Note:
    """What a person should look at below a table, and the command that settles it."""

    text: str
    command: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A titled table; `empty` is said in place of one without rows."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    empty: str
    whole: tuple[str, ...] = ()  # columns whose cells are never broken
    spare: tuple[str, ...] = ()  # columns that a narrow terminal leaves out
    notes: tuple[Note, ...] = ()


def positions(report: Report) -> Table:
    """Every product path asked for by topic, with when it was last verified and its state."""
    topics = tuple(dict.fromkeys((TRAINING, RETENTION, *(topic for _, topic in report.standings))))
    asked = {product for product, _ in report.standings}
    products = [product for product in report.watchlist.products.values() if product.id in asked]
    products.sort(key=lambda product: product.provider)
    return Table(
        title="Positions",
        columns=("product path", *topics, "clarity", "last verified", "state"),
        rows=tuple(_position(product, topics, report) for product in products),
        empty="No product paths are watched here.",
        whole=("product path", "last verified"),
        spare=("clarity",),
        notes=tuple(_questions(report)),
    )


def _position(product: Product, topics: tuple[str, ...], report: Report) -> Row:
    found = [report.standings.get((product.id, topic)) for topic in topics]
    standings = [standing for standing in found if standing]
    values = (wording.value(standing.claim) if standing else NONE for standing in found)
    claimed = [standing for standing in standings if standing.claim]
    return Row(
        (product.id, *values, product.clarity or NONE, _verified(claimed), _states(claimed or standings)),
        alarm=any(needs_a_look(standing) for standing in claimed),
    )


def _questions(report: Report) -> Iterator[Note]:
    """What to do about each claim that is in doubt or contradicted."""
    for standing in filter(needs_a_look, report.standings.values()):
        where = f"{standing.product.id} {standing.topic}"
        command = wording.command(f"verify {where}", report.options)
        yield Note(f"{where}: {_state(standing)}{_because(standing)}", command)


def _because(standing: Standing) -> str:
    """Which values disagree, and which changes put the claim in doubt."""
    values = dict.fromkeys(map(wording.value, standing.sources))
    numbers = dict.fromkeys(str(doubt.change) for doubt in standing.doubts if doubt.change)
    found = f"change {listed(list(numbers))}" if numbers else ""
    if standing.state is ClaimState.CONTRADICTED and standing.doubts:
        since = min(doubt.at for doubt in standing.doubts)
        found = f"in doubt since {since:%Y-%m-%d}" + (f" by {found}" if found else "")
    told = "; ".join(filter(None, (" or ".join(values), found)))
    return f" ({told})" if told else ""


def needs_a_look(standing: Standing) -> bool:
    return standing.state in (ClaimState.NEEDS_REVERIFICATION, ClaimState.CONTRADICTED)


def _verified(standings: Iterable[Standing]) -> str:
    """The oldest date among the claims: a row is as fresh as its stalest cell."""
    dates = [standing.claim.verified if standing.claim else None for standing in standings]
    known = [date for date in dates if date]
    return str(min(known)) if known and len(known) == len(dates) else "never"


def _states(standings: list[Standing]) -> str:
    """One word when all topics stand alike; otherwise each with its topic."""
    words = {standing.topic: _state(standing) for standing in standings}
    if len(set(words.values())) == 1:
        return next(iter(words.values()))
    return "; ".join(f"{topic} {word}" for topic, word in words.items()) or NONE


def _state(standing: Standing) -> str:
    if standing.state is ClaimState.NEEDS_REVERIFICATION and standing.doubts:
        since = min(doubt.at for doubt in standing.doubts)
        return f"{standing.state.value} since {since:%Y-%m-%d}"
    return standing.state.value


def health(report: Report) -> Table:
    """How the watching of every document goes, what is in trouble first."""
    found = sorted(report.health, key=lambda health: (not in_trouble(health), health.document))
    return Table(
        title="Documents",
        columns=("document", "state", "last seen", "last change", "next check"),
        rows=tuple(_health(one, report) for one in found),
        empty="No document was asked for.",
        whole=("document", "last seen", "next check", "last change"),
        spare=("last change",),
        notes=tuple(_missing(report)),
    )


def _missing(report: Report) -> Iterator[Note]:
    for trouble in troubles(report):
        yield Note(f"{trouble.document}: {trouble.says}")
    if unread := not_understood(report):
        yield Note(f"{unread} Their changes are reported, but may lack flags.")


def _health(health: Health, report: Report) -> Row:
    found = alarms(health, report.watchlist.documents.get(health.document), report.at)
    cells = (
        health.document,
        state(health, found),
        short(health.last_good),
        short(health.last_change),
        short(health.next_check, missing=NONE),
    )
    return Row(cells, alarm=in_trouble(health) or bool(found))


def claims(report: Report) -> Table:
    """Every claim with its value, when and by whom it was verified, and where it stands."""
    rows = [row for standing in report.standings.values() for row in _claim(standing)]
    return Table(
        title="Claims",
        columns=("product path", "topic", "claim", "last verified", "state", "source"),
        rows=tuple(rows),
        empty="The watchlist publishes no claims.",
        whole=("product path", "topic"),
        spare=("source",),
        notes=tuple(_questions(report)),
    )


def _claim(standing: Standing) -> Iterable[Row]:
    """One row, or one a source where sources disagree."""
    for claim in standing.sources or (standing.claim,):
        cells = (
            standing.product.id,
            standing.topic,
            wording.value(claim),
            wording.verified(claim).removeprefix("last verified ").removesuffix(" verified"),
            _state(standing),
            visible(" · ".join(filter(None, (claim.source, claim.note)))) if claim else "",
        )
        yield Row(cells, alarm=needs_a_look(standing))


def changes(report: Report) -> Table:
    """One row a change, the newest first."""
    found = sorted(ordered(report), key=lambda change: (change.change.at, change.id), reverse=True)
    return Table(
        title="Changes",
        columns=("id", "seen", "document", "what it says", "state"),
        rows=tuple(_change(change, report) for change in found),
        empty="No changes.",
        whole=("id", "seen", "document"),
        notes=tuple(Note(f"{one.documents}, {one.at}: {one.says}") for one in linked.worded(report)),
    )


def _change(change: RecordedChange, report: Report) -> Row:
    told = tell(change, report)
    said = [verdict.short for verdict in told.verdicts]
    state = [change.state.value] if change.state is not ReviewState.NOTHING else []
    cells = (
        str(change.id),
        f"{change.change.at:%Y-%m-%d}",
        told.document,
        "; ".join(said) or told.counts or "no words",
        ", ".join(dict.fromkeys([*state, *told.tags])) or NONE,
    )
    return Row(cells, alarm=change.state is ReviewState.TO_REVIEW)
