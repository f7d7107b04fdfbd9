"""PDF to a page: lines from a limited process, put together to headings, paragraphs and list items."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from monitor.errors import ExtractError, MissingExtra
from monitor.extract.plain import BULLET, collapse, with_sections
from monitor.model import Block, BlockKind, Page

SECONDS = 40  # for the whole file
WORKER = Path(__file__).with_name("pdf_worker.py")
FEWEST_LETTERS = 20  # fewer in the whole file: pictures of pages
MARGIN_LINES = 3  # so many lines at either end of a page may be its header or footer
PAGE_NUMBER = re.compile(
    r"(?:page|seite|página|pagina|p\.)?[\s\-–—|]*\d{1,4}(?:\s*(?:of|von|de|di|sur|/)\s*\d{1,4})?[\s\-–—|]*",
    re.IGNORECASE,
)
TYPED_BULLET = re.compile(r"[•·▪◦●○■‣\uf0b7\uf0a7o–—-]\s+(?=\S)")
TYPED_NUMBER = re.compile(
    r"\(?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxIVX]{1,5})[.)]\s|\d{1,2}(?:\.\d{1,2})+\s|(?:Section|Article)\s\d"
)
SOFT_HYPHENS = ("\ufffe", "\u00ad", "\u0002")
WIDE = "\u2e80"
LONGEST_TITLE = 160
LONGEST_RUNNING_LINE = (
    60  # characters; a longer one is a clause, though another page may have it with another number
)


@dataclass(frozen=True)
class Line:
    """A line as it stands on a page; sizes and places in points."""

    text: str
    size: float
    bold: bool
    left: float
    right: float
    bottom: float
    page: int


def read_pdf(body: bytes) -> Page:
    """The text of a PDF; raises ExtractError for what cannot be read or holds no text, MissingExtra without the extra."""
    if importlib.util.find_spec("pypdfium2") is None:
        raise MissingExtra("Reading a PDF", "pdf")
    found = _run_worker(body)
    pages = [
        [Line(**line, page=number) for line in page["lines"]] for number, page in enumerate(found["pages"])
    ]
    lines = _without_margins(pages)
    if sum(len(line.text.strip()) for line in lines) < FEWEST_LETTERS:
        raise ExtractError("the PDF holds no text; it may be a scan, which this program does not read")
    blocks = with_sections(_blocks(lines))
    text = "\n".join(block.text for block in blocks)
    return Page(blocks=blocks, title=collapse(found.get("title") or ""), media="pdf", all_text=text)


def _run_worker(body: bytes) -> dict:
    command = [sys.executable, "-I", str(WORKER)]
    try:
        done = subprocess.run(command, input=body, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise ExtractError(f"the PDF could not be read within {SECONDS} seconds") from error
    if done.returncode:
        reason = (
            collapse(done.stderr.decode("utf-8", "replace"))[-200:]
            or f"the reader ended with {done.returncode}"
        )
        raise ExtractError(f"the PDF could not be read: {reason}")
    return json.loads(done.stdout)


def _without_margins(pages: list[list[Line]]) -> list[Line]:
    """The lines less page numbers and what repeats at the top or the bottom of the pages."""
    repeated = Counter(
        key
        for page in pages
        for key in {_margin_key(line) for line in page[:MARGIN_LINES] + page[-MARGIN_LINES:]}
    )
    kept = []
    for page in pages:
        for number, line in enumerate(page):
            at_edge = min(number, len(page) - 1 - number) < MARGIN_LINES
            running = len(pages) > 2 and repeated[_margin_key(line)] * 2 > len(pages)
            if not (at_edge and (running or PAGE_NUMBER.fullmatch(line.text.strip()))):
                kept.append(line)
    return kept


def _margin_key(line: Line) -> tuple[str, int]:
    text = collapse(line.text)
    return re.sub(r"\d+", "#", text) if len(text) < LONGEST_RUNNING_LINE else text, round(line.bottom / 4)


def _blocks(lines: list[Line]) -> list[Block]:
    body = _body_size(lines)
    levels = _levels(lines, body)
    words = _Words(lines)
    blocks = []
    for group in _groups(lines):
        text = words.joined(group)
        level = levels.get(group[0].size, 0) if len(text) <= LONGEST_TITLE else 0
        blocks += [_block(text, level, group)]
    return blocks


def _block(text: str, level: int, group: list[Line]) -> Block:
    bullet = TYPED_BULLET.match(text)
    if level:
        return Block(BlockKind.HEADING, text, level=level)
    if bullet:
        return Block(BlockKind.ITEM, text[bullet.end() :], level=1, marker=BULLET)
    if all(line.bold for line in group) and len(text) <= 80 and not text.endswith((".", ";", ",")):
        return Block(BlockKind.HEADING, text, level=6)
    return Block(BlockKind.PARAGRAPH, text)


def _body_size(lines: list[Line]) -> float:
    """The font size of most of the text."""
    letters: Counter[float] = Counter()
    for line in lines:
        letters[line.size] += len(line.text)
    return letters.most_common(1)[0][0]


def _levels(lines: list[Line], body: float) -> dict[float, int]:
    """Heading levels by font size: those at least a tenth larger than the text, largest first."""
    larger = sorted({line.size for line in lines if line.size >= 1.1 * body}, reverse=True)
    return {size: min(5, level) for level, size in enumerate(larger, start=1)}


def _groups(lines: list[Line]) -> list[list[Line]]:
    """The lines that flow together."""
    spacing = _usual_spacing(lines)
    right = sorted(line.right for line in lines)[min(len(lines) - 1, int(0.9 * len(lines)))]
    groups = [[lines[0]]]
    for previous, line in pairwise(lines):
        if _flows(previous, line, spacing, right):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _usual_spacing(lines: list[Line]) -> float:
    """The distance between two lines of a paragraph, in font sizes."""
    gaps = sorted(
        gap
        for above, below in pairwise(lines)
        if above.page == below.page and 0 < (gap := (above.bottom - below.bottom) / max(1, above.size)) < 3
    )
    return gaps[len(gaps) // 3] if gaps else 1.2


def _flows(above: Line, below: Line, spacing: float, right: float) -> bool:
    """Whether a line goes on with the paragraph of the one above."""
    if abs(above.size - below.size) > 0.6 or above.bold != below.bold:
        return abs(above.size - below.size) <= 0.6 and not _ends(above, right)
    if TYPED_BULLET.match(below.text) or TYPED_NUMBER.match(below.text):
        return False
    if above.page != below.page:
        return not _stops(above) or below.text.lstrip()[:1].islower()
    gap = (above.bottom - below.bottom) / max(1, above.size)
    return gap < spacing * 1.3 + 0.1 and not _ends(above, right)


def _ends(line: Line, right: float) -> bool:
    """Whether a line is the last of its paragraph: a sentence ends well before the right margin."""
    return _stops(line) and line.right < right - 3 * line.size


def _stops(line: Line) -> bool:
    return line.text.rstrip().endswith((".", ":", "!", "?", ";", "。", "：", "；"))


class _Words:
    """Joins lines; the words inside the lines tell a hyphen of the layout from one of the spelling."""

    def __init__(self, lines: list[Line]) -> None:
        inside = (word for line in lines for word in line.text.split()[:-1])
        self.known = {word.strip(".,;:()\"'").lower() for word in inside}

    def joined(self, group: list[Line]) -> str:
        text = group[0].text.strip()
        for line in group[1:]:
            text = self._join(text, line.text.strip())
        for sign in SOFT_HYPHENS:
            text = text.replace(sign, "-" if sign != "\u00ad" else "")
        return collapse(text)

    def _join(self, text: str, following: str) -> str:
        if (
            text.endswith((*SOFT_HYPHENS, "-", "\N{HYPHEN}"))
            and following[:1].islower()
            and text[-2:-1].isalpha()
        ):
            start = re.split(r"\s", text[:-1])[-1]
            rest = re.split(r"[^\w-]", following)[0]
            hyphenated = f"{start}-{rest}".lower()
            return text[:-1] + ("-" if hyphenated in self.known else "") + following
        if text[-1:] >= WIDE and following[:1] >= WIDE:
            return text + following
        return f"{text} {following}"
