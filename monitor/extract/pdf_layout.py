"""The order in which the lines of a PDF page are read: rows, columns beside each other, tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from monitor.extract.pdf_worker import Line

SAME_ROW = 0.4  # font sizes between the bottoms of what stands side by side
NARROWEST = 0.15  # font sizes; the least width of a letter of a line that runs from left to right
MARKER = re.compile(r"[•·▪◦●○■‣\uf0b7\uf0a7–—-]|\(?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxIVX]{1,5})[.)]?")
WIDEST_INDENT = 60  # points between a marker and its text
GUTTER = 8  # points; the least width of the white between two columns
FARTHEST = 3.5  # font sizes between two rows of a table
TIGHT = 1.35  # font sizes between two lines of one cell
ROWS_OF_COLUMNS = 4  # the fewest rows that make columns of text
ROWS_OF_TABLE = 2
MOST_COLUMNS = 3  # of running text
PROSE_LINE = 24  # letters; the lines of a column of text are longer on average


@dataclass(frozen=True)
class Row:
    """What stands on one line of a page, from left to right."""

    parts: tuple[Line, ...]

    @property
    def line(self) -> Line:
        """The row as one line."""
        first, last = self.parts[0], self.parts[-1]
        widest = max(self.parts, key=lambda part: len(part.text))
        text = " ".join(part.text.strip() for part in self.parts)
        bold = all(part.bold for part in self.parts)
        return Line(text, widest.size, bold, first.left, last.right, widest.bottom)


@dataclass(frozen=True)
class Table:
    """Rows of cells; a cell is "" where nothing stands in its column."""

    rows: tuple[tuple[str, ...], ...]
    titled: bool  # the first row is all in bold


@dataclass(frozen=True)
class Column:
    """Lines that follow each other downwards."""

    lines: tuple[Line, ...]
    beside: bool = False  # whether another column stands beside it


def rows_of(lines: list[Line]) -> list[Row]:
    """The rows of a page from top to bottom; those of a page that is turned stay in the order of the file."""
    turned = sum(line.right - line.left < NARROWEST * line.size * len(line.text) for line in lines)
    if turned * 2 > len(lines):
        return [Row((line,)) for line in lines]
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: -line.bottom):
        if rows and rows[-1][0].bottom - line.bottom < SAME_ROW * line.size:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [Row(tuple(_with_markers(sorted(row, key=lambda line: line.left)))) for row in rows]


def _with_markers(parts: list[Line]) -> Iterator[Line]:
    """The parts of a row, each number or bullet joined to the text after it."""
    marker: Line | None = None
    for part in parts:
        if marker is not None and part.left - marker.right < WIDEST_INDENT:
            part = replace(part, text=f"{marker.text.strip()} {part.text}", left=marker.left)  # noqa: PLW2901
            marker = None
        if marker is not None:
            yield marker
        marker = part if MARKER.fullmatch(part.text.strip()) else None
        if marker is None:
            yield part
    if marker is not None:
        yield marker


def arranged(rows: list[Row]) -> Iterator[Column | Table]:
    """The parts of a page in reading order."""
    plain: tuple[Line, ...] = ()
    for part in (part for band in _bands(rows) for part in _read_band(band)):
        if isinstance(part, Column) and not part.beside:
            plain += part.lines
            continue
        yield from [Column(plain)] if plain else []
        plain = ()
        yield part
    yield from [Column(plain)] if plain else []


def _bands(rows: list[Row]) -> Iterator[list[Row]]:
    """The rows in runs through which white may run down."""
    band: list[Row] = []
    for row in rows:
        if band and (_begins_anew(band[-1].line, row) or not _gutters([*band, row])):
            yield band
            band = []
        band.append(row)
    if band:
        yield band


def _begins_anew(above: Line, row: Row) -> bool:
    """Whether a row is a title, or stands far below what came before."""
    line = row.line
    is_title = len(row.parts) == 1 and abs(line.size - above.size) > 0.1 * above.size
    return is_title or above.bottom - line.bottom > FARTHEST * above.size


def _gutters(rows: list[Row]) -> list[float]:
    """Where white runs down between the parts of all these rows, from left to right."""
    parts = sorted((part.left, part.right) for row in rows for part in row.parts)
    found, covered = [], parts[0][1]
    for left, right in parts:
        if left - covered >= GUTTER:
            found.append((left + covered) / 2)
        covered = max(covered, right)
    return found or ([covered] if all(len(row.parts) == 1 for row in rows) and len(rows) == 1 else [])


def _read_band(band: list[Row]) -> Iterator[Column | Table]:
    """Rows with white between them as columns, as a table, or as the plain lines that they are after all."""
    wide = [number for number in range(len(band)) if _is_wide(band, number)]
    if len(wide) < ROWS_OF_TABLE:
        yield _plain(band)
        return
    gutters = _gutters(band)
    if len(wide) >= ROWS_OF_COLUMNS and _is_text(band, gutters):
        for column in zip(*(_cells(row, gutters) for row in band), strict=True):
            yield Column(tuple(line for line in column if line is not None), beside=True)
        return
    start, end = wide[0], wide[-1] + 1
    while end < len(band) and band[end].line.left > gutters[0] and _gap(band[end - 1], band[end]) <= TIGHT:
        end += 1
    yield _plain(band[:start])
    yield _table(band[start:end], _gutters(band[start:end]))
    yield _plain(band[end:])


def _is_wide(band: list[Row], number: int) -> bool:
    """Whether cells stand beside each other in a row, or in it and the next, less than a line apart."""
    following = band[number + 1 : number + 2]
    return len(band[number].parts) > 1 or any(_gap(band[number], below) < 1 for below in following)


def _plain(rows: list[Row]) -> Column:
    return Column(tuple(row.line for row in rows))


def _cells(row: Row, gutters: list[float]) -> list[Line | None]:
    """What of a row stands in each column."""
    bounds = [*gutters, float("inf")]
    columns: list[list[Line]] = [[] for _ in bounds]
    for part in row.parts:
        columns[next(n for n, bound in enumerate(bounds) if part.left < bound)].append(part)
    return [Row(tuple(parts)).line if parts else None for parts in columns]


def _is_text(rows: list[Row], gutters: list[float]) -> bool:
    """Whether columns hold running text rather than cells."""
    lines = [line for row in rows for line in _cells(row, gutters) if line is not None]
    letters = sum(len(line.text.strip()) for line in lines)
    return 0 < len(gutters) < MOST_COLUMNS and letters >= PROSE_LINE * len(lines)


def _table(rows: list[Row], gutters: list[float]) -> Table:
    """The rows of a table, those that are only lines of the cells above joined to them."""
    table: list[list[str]] = []
    gaps = [FARTHEST, *(_gap(above, below) for above, below in pairwise(rows))]
    # centred cells stand less than a line apart
    starts = [n for n, gap in enumerate(gaps) if gap >= 1]
    spaced = any(gaps[n] > TIGHT for n in starts[1:])
    for start, end in pairwise((*starts, len(rows))):
        cells = _joined([_cells(row, gutters) for row in rows[start:end]])
        continues = not cells[0] or (spaced and gaps[start] <= TIGHT and not all(cells))
        if table and continues:
            table[-1] = [f"{above} {cell}".strip() for above, cell in zip(table[-1], cells, strict=True)]
        else:
            table.append(cells)
    return Table(tuple(map(tuple, table)), titled=rows[0].line.bold)


def _joined(lines: list[list[Line | None]]) -> list[str]:
    """The cells of a row that consists of these lines."""
    return [" ".join(line.text.strip() for line in column if line) for column in zip(*lines, strict=True)]


def _gap(above: Row, below: Row) -> float:
    return (above.line.bottom - below.line.bottom) / max(1, above.line.size)
