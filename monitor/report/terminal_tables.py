"""Listings for a terminal: positions, claims, health and changes as tables of columns that fit it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from monitor.model import Report
from monitor.report import tables
from monitor.report.lines import INDENT, NARROWEST, Line, printed, wrapped

WIDE = 100
"""From this many columns on, tables show their spare columns too."""

GAPS = (3, 2)
"""Spaces between the columns of a table: the fewer only where a word would be broken otherwise."""

LEAST = 6
"""Columns that a cell keeps, however narrow the terminal is."""


def status(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """The table of positions, and the health of every document."""
    found = (tables.positions(report), tables.health(report))
    return printed(_tables(found, max(width, NARROWEST)), width, colour)


def claims(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """Every published claim and where it stands."""
    return printed(_tables((tables.claims(report),), max(width, NARROWEST)), width, colour)


def changes(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """One line a change."""
    return printed(_tables((tables.changes(report),), max(width, NARROWEST)), width, colour)


def listing(found: Iterable[tables.Table], *, width: int = 80, colour: bool = False) -> str:
    """Tables one below the other."""
    return printed(_tables(found, max(width, NARROWEST)), width, colour)


def _tables(found: Iterable[tables.Table], width: int) -> Iterator[Line]:
    for at, table in enumerate(found):
        if at:
            yield Text()
        yield Text(table.title, style="bold")
        yield _table(table, width) if table.rows else Text(table.empty)
        for note in table.notes:
            yield from wrapped(Text(f"! {note.text}", style="yellow"), width, "", INDENT)
            if note.command:
                yield Text(f"{INDENT}{note.command}", style="bold cyan")


def _table(table: tables.Table, width: int) -> Table:
    shown = [at for at, name in enumerate(table.columns) if width >= WIDE or name not in table.spare]
    texts = [[table.columns[at], *(row.cells[at] for row in table.rows)] for at in shown]
    whole = [table.columns[at] in table.whole for at in shown]
    for gap in GAPS:
        widths, fits = _widths(texts, whole, width - gap * (len(shown) - 1))
        if fits:
            break
    # The box draws a space of its own beside the padding.
    drawn = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, gap - 1, 0, 0))
    for at, wide in zip(shown, widths, strict=True):
        drawn.add_column(table.columns[at], overflow="fold", width=wide)
    for row in table.rows:
        drawn.add_row(*(Text(row.cells[at]) for at in shown), style="bold yellow" if row.alarm else "")
    return drawn


def _widths(texts: list[list[str]], whole: list[bool], room: int) -> tuple[list[int], bool]:
    """The width of each column of texts, and whether no word is broken at that."""
    natural = [max(map(cell_len, column)) for column in texts]
    pieces = [
        [*head.split(), *(cells if keep else " ".join(cells).split())]
        for (head, *cells), keep in zip(texts, whole, strict=True)
    ]
    widths = [max(map(cell_len, column)) for column in pieces]
    fits = sum(widths) <= room
    while sum(widths) > room and max(widths) > LEAST:
        breakable = [at for at, keep in enumerate(whole) if not keep and widths[at] > LEAST]
        widths[max(breakable or range(len(widths)), key=lambda at: widths[at])] -= 1
    while sum(widths) < room and (narrow := [at for at, full in enumerate(natural) if widths[at] < full]):
        widths[min(narrow, key=lambda at: widths[at])] += 1
    return widths, fits
