"""PDF to a page: lines from a limited process, put together to headings, paragraphs and list items."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from monitor.errors import ExtractError, MissingExtra
from monitor.extract.pdf_layout import Column, Row, Table, arranged, rows_of
from monitor.extract.pdf_worker import Line
from monitor.extract.plain import BULLET, collapse, row, with_sections
from monitor.model import Block, BlockKind, Page

SECONDS = 40  # for the whole file
WORKER = Path(__file__).with_name("pdf_worker.py")
FEWEST_LETTERS = 20  # fewer in the whole file: pictures of pages
MARGIN_LINES = 3  # so many lines at either end of a page may be its header or footer
LONGEST_RUNNING_LINE = 60  # characters; a longer line that differs in a number only is a clause
SHORT_LINE = 0.6  # of the width of its column; a shorter line is the last of its paragraph
LONGEST_TITLE = 160
LONGEST_BOLD_TITLE = 80
PAGE_NUMBER = re.compile(
    r"(?:page|seite|página|pagina|p\.)?[\s\-–—|]*\d{1,4}(?:\s*(?:of|von|de|di|sur|/)\s*\d{1,4})?[\s\-–—|]*",
    re.IGNORECASE,
)
TYPED_BULLET = re.compile(r"[•·▪◦●○■‣\uf0b7\uf0a7–—-]\s+(?=\S)")
TYPED_NUMBER = re.compile(
    r"\(?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxIVX]{1,5})[.)]\s|\d{1,2}(?:\.\d{1,2})+\s"
    r"|(?:Section|Article)\s\d"
)
STOPS = (".", ":", "!", "?", ";", "。", "：", "；")
WIDE = "\u2e80"  # from here on, scripts put no spaces between words


@dataclass(frozen=True)
class Placed:
    """A line, the number of its column, counted through the file, and where that column ends on the right."""

    line: Line
    column: int
    margin: float


def read_pdf(body: bytes) -> Page:
    """The text of a PDF.

    Raises ExtractError for a file that cannot be read or holds no text, MissingExtra without the extra.
    """
    if importlib.util.find_spec("pypdfium2") is None:
        raise MissingExtra("Reading a PDF", "pdf")
    title, pages = _run_worker(body)
    kept = _without_margins([rows_of(page) for page in pages])
    if sum(len(row.line.text.strip()) for rows in kept for row in rows) < FEWEST_LETTERS:
        raise ExtractError("the PDF holds no text; it may be a scan, which this program does not read")
    blocks = with_sections(_blocks([part for rows in kept for part in arranged(rows)]))
    text = "\n".join(block.text for block in blocks)
    return Page(blocks=blocks, title=collapse(title), media="pdf", all_text=text)


def _run_worker(body: bytes) -> tuple[str, list[list[Line]]]:
    """The title and, page by page, the lines of a PDF."""
    command = [sys.executable, "-I", str(WORKER)]
    try:
        done = subprocess.run(command, input=body, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise ExtractError(f"the PDF could not be read within {SECONDS} seconds") from error
    if done.returncode < 0:
        raise ExtractError("the PDF could not be read: it takes more memory or time than it is given")
    if done.returncode:
        said = collapse(done.stderr.decode("utf-8", "replace"))[-200:]
        raise ExtractError(f"the PDF could not be read: {said or f'its reader ended with {done.returncode}'}")
    found = json.loads(done.stdout)
    return found["title"] or "", [[Line(**line) for line in page] for page in found["pages"]]


def _without_margins(pages: list[list[Row]]) -> list[list[Row]]:
    """The rows less page numbers and what repeats at the top or the bottom of the pages."""
    lines = [[row.line for row in page] for page in pages]
    edges = (page[:MARGIN_LINES] + page[-MARGIN_LINES:] for page in lines)
    repeated = Counter(key for page in edges for key in {_running_key(line) for line in page})

    def stays(line: Line, position: int, count: int) -> bool:
        at_edge = min(position, count - 1 - position) < MARGIN_LINES
        outermost = position in (0, count - 1)
        runs = (len(pages) > 2 or outermost) and repeated[_running_key(line)] * 2 > max(2, len(pages))
        return not (at_edge and (runs or PAGE_NUMBER.fullmatch(line.text.strip())))

    return [
        [row for n, (row, line) in enumerate(zip(page, of, strict=True)) if stays(line, n, len(page))]
        for page, of in zip(pages, lines, strict=True)
    ]


def _running_key(line: Line) -> tuple[str, int]:
    """What lines at the edges of pages have in common: words and height; numbers count up."""
    text = collapse(line.text)
    masked = re.sub(r"\d+", "#", text) if len(text) < LONGEST_RUNNING_LINE else text
    return masked, round(line.bottom / 4)


def _blocks(parts: list[Column | Table]) -> list[Block]:
    lines = [line for part in parts if isinstance(part, Column) for line in part.lines]
    levels = _levels(lines) if lines else {}
    vocabulary = _vocabulary(lines)
    return [
        block
        for run in _runs(parts)
        for block in (
            _rows(run)
            if isinstance(run, Table)
            else [_block(_joined(group, vocabulary), group, levels) for group in _groups(run)]
        )
    ]


def _runs(parts: list[Column | Table]) -> Iterator[list[Placed] | Table]:
    """The lines between tables together, and the tables."""
    run: list[Placed] = []
    page = _margin([line for part in parts if isinstance(part, Column) for line in part.lines])
    for number, part in enumerate(parts):
        if isinstance(part, Column):
            margin = _margin(part.lines) if part.beside else page
            run += [Placed(line, number, margin) for line in part.lines]
            continue
        if run:
            yield run
        run = []
        yield part
    if run:
        yield run


def _margin(lines: Sequence[Line]) -> float:
    """Where full lines end; some are longer, as headers and footers are."""
    rights = sorted(line.right for line in lines)
    return rights[min(len(rights) - 1, int(0.9 * len(rights)))] if rights else 0


def _rows(table: Table) -> list[Block]:
    headers = table.rows[0] if table.titled else ()
    return [row(cells, headers if number else ()) for number, cells in enumerate(table.rows)]


def _block(text: str, group: list[Line], levels: dict[float, int]) -> Block:
    bullet = TYPED_BULLET.match(text)
    level = levels.get(group[0].size, 0)
    if level and len(text) <= LONGEST_TITLE:
        return Block(BlockKind.HEADING, text, level=level)
    if bullet:
        return Block(BlockKind.ITEM, text[bullet.end() :], level=1, marker=BULLET)
    bold = all(line.bold for line in group)
    if bold and len(text) <= LONGEST_BOLD_TITLE and not text.endswith((".", ";", ",")):
        return Block(BlockKind.HEADING, text, level=6)
    return Block(BlockKind.PARAGRAPH, text)


def _levels(lines: list[Line]) -> dict[float, int]:
    """Heading levels by font size: the sizes at least a tenth above that of most text, largest first."""
    letters: Counter[float] = Counter()
    for line in lines:
        letters[line.size] += len(line.text)
    body = letters.most_common(1)[0][0]
    larger = sorted((size for size in letters if size >= 1.1 * body), reverse=True)
    return {size: min(5, level) for level, size in enumerate(larger, start=1)}


# --- which lines flow together -----------------------------------------------------------------


def _groups(lines: list[Placed]) -> list[list[Line]]:
    """The lines that make one paragraph, title or item each."""
    spacing = _usual_spacing(lines)
    groups = [[lines[0].line]]
    for above, below in pairwise(lines):
        if _flows(above, below, spacing) and _keeps_indent(groups[-1], below.line):
            groups[-1].append(below.line)
        else:
            groups.append([below.line])
    return groups


def _keeps_indent(group: list[Line], lower: Line) -> bool:
    """Whether a line begins where the paragraph does; its first line may stand farther in or out."""
    upper = group[-1]
    shift = lower.left - upper.left
    return len(group) == 1 or abs(shift) < upper.size or lower.bottom > upper.bottom


def _usual_spacing(lines: list[Placed]) -> float:
    """The distance between two lines of a paragraph, in font sizes."""
    gaps = sorted(
        gap
        for above, below in pairwise(lines)
        if above.column == below.column and 0 < (gap := _gap(above.line, below.line)) < 3
    )
    return gaps[len(gaps) // 3] if gaps else 1.2


def _gap(above: Line, below: Line) -> float:
    return (above.bottom - below.bottom) / max(1, above.size)


def _flows(above: Placed, below: Placed, spacing: float) -> bool:
    """Whether a line goes on with the paragraph of the one above."""
    upper, lower = above.line, below.line
    if abs(upper.size - lower.size) > 0.6 or TYPED_BULLET.match(lower.text) or TYPED_NUMBER.match(lower.text):
        return False
    stops = upper.text.rstrip().endswith(STOPS)
    if above.column != below.column:
        return not stops or lower.text.lstrip()[:1].islower()
    falls_short = upper.right < upper.left + SHORT_LINE * (above.margin - upper.left)
    ends_early = falls_short or (stops and upper.right < above.margin - 3 * upper.size)
    becomes_bold = lower.bold and not upper.bold and stops
    was_title = upper.bold and not lower.bold and not stops and upper.right < above.margin - 3 * upper.size
    near = _gap(upper, lower) < spacing * 1.3 + 0.1
    return near and not (ends_early or becomes_bold or was_title)


# --- joining lines -----------------------------------------------------------------------------


def _vocabulary(lines: list[Line]) -> frozenset[str]:
    """The words that stand inside the lines: they tell a hyphen of the layout from one of the spelling."""
    inside = (word for line in lines for word in line.text.split()[:-1])
    return frozenset(word.strip(".,;:()\"'").lower() for word in inside)


def _joined(group: list[Line], vocabulary: frozenset[str]) -> str:
    text = group[0].text.strip()
    for line in group[1:]:
        text = _join(text, line.text.strip(), vocabulary)
    return collapse(text.replace("\N{SOFT HYPHEN}", ""))


def _join(text: str, following: str, vocabulary: frozenset[str]) -> str:
    hyphenated = text.endswith(("-", "\N{HYPHEN}", "\N{SOFT HYPHEN}")) and text[-2:-1].isalpha()
    if hyphenated and following[:1].islower():
        start = text[:-1].rsplit(maxsplit=1)[-1]
        rest = re.split(r"[^\w-]", following, maxsplit=1)[0]
        return text[:-1] + ("-" if f"{start}-{rest}".lower() in vocabulary else "") + following
    if text[-1:] >= WIDE and following[:1] >= WIDE:
        return text + following
    return f"{text} {following}"
