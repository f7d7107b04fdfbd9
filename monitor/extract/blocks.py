"""Write what is left of a page as blocks, reading its flat tree once from top to bottom."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from monitor.extract import tables
from monitor.extract.plain import BULLET, collapse
from monitor.extract.tree import BLOCK, HEADINGS, Node, Tree, is_link
from monitor.model import Block, BlockKind, Link

PARAGRAPH_BREAK = re.compile(r"\n\s*\n")
# A <br> before a typed bullet or number begins an item of its own.
TYPED_ITEM = re.compile(
    r"\n\s*(?=(?:[•·▪◦●○■‣–—*-]|\(?(?:\d{1,3}|[A-Za-z]|[ivx]{1,5})[.)]|\d{1,2}(?:\.\d{1,2}){1,3}\.?)\s)"
)
LONGEST_HEADING = 300  # letters; a longer one is a heading element that was never closed
BOLD = frozenset(("b", "strong"))
BOLD_TITLE_LEVEL = 6  # a paragraph all in bold is a title below every real heading
BOLD_TITLE_WORDS = 10
SENTENCE_END = (".", ";", ",", "!", "。", "；", "，", "！")
PRESERVED = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.IGNORECASE)
DISPLAYED = re.compile(r"display\s*:\s*(?:block|flex|grid|table|list-item)", re.IGNORECASE)
LIST_STYLE = re.compile(
    r"list-style(?:-type)?\s*:[^;]{0,40}?\b(none|decimal|(?:lower|upper)-(?:alpha|latin|roman))\b",
    re.IGNORECASE,
)
LIST_STYLES = {
    "lower-alpha": "a",
    "lower-latin": "a",
    "lower-roman": "i",
    "upper-alpha": "A",
    "upper-latin": "A",
    "upper-roman": "I",
}
LARGEST_LIST_NUMBER = 100_000


@dataclass(slots=True)
class Numbering:
    """A list being written: None where it only has bullets."""

    style: str | None
    number: int = 1
    step: int = 1

    def next(self, item: Node) -> str:
        """The marker that browsers draw before this item."""
        if self.style is None:
            return BULLET
        self.number = _integer(item.attributes.get("value"), self.number)
        marker = f"{_numeral(self.number, self.style)}."
        self.number += self.step
        return marker


@dataclass(slots=True)
class Item:
    """A list item being written; its first block carries the marker."""

    marker: str
    depth: int
    begun: bool = False


@dataclass(slots=True)
class Frame:
    """An open block and what its text is part of; inherited inwards."""

    end: int
    heading: int = 0
    item: Item | None = None
    depth: int = 0
    numbering: Numbering | None = None
    deeper: int = 0  # levels that the headings inside are below what their elements say


@dataclass(slots=True)
class Run:
    """The text that flows together until the next block begins or ends."""

    parts: list[str] = field(default_factory=list)
    letters: int = 0
    bold: int = 0


def links_in(tree: Tree, base: str) -> tuple[Link, ...]:
    """Every link of a tree to another page, also where it is not part of the text."""
    found = (link_at(tree, at, base) for at, node in enumerate(tree.nodes) if is_link(node))
    return tuple(link for link in found if link)


def link_at(tree: Tree, at: int, base: str) -> Link | None:
    """The link that an element is; None for one without words, or that leads to no other page."""
    target = tree.nodes[at].attributes["href"].strip()
    text = "" if target.startswith("#") else tree.text(at)
    if not text:
        return None
    try:
        url = urljoin(base, target)
        return Link(text, url) if urlsplit(url).scheme in ("http", "https") else None
    except ValueError:
        return None


@dataclass(slots=True)
class Writer:
    """Collects blocks and links; `write` is called once."""

    tree: Tree
    base: str
    titles: Mapping[int, str] = field(default_factory=dict)  # of the panels at these positions
    blocks: list[Block] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    run: Run = field(default_factory=Run)
    preserved_until: int = 0
    bold_until: int = 0
    link_end: int = 0

    def write(self) -> None:
        """Read the tree once, skipping what was dropped."""
        nodes = self.tree.nodes
        self.frames = [Frame(len(nodes) + 1)]
        at = 0
        while at < len(nodes):
            while self.frames[-1].end <= at:
                self._close()
            node = nodes[at]
            at = node.end if node.dropped else self._take(at, node)
        while len(self.frames) > 1:
            self._close()
        self._flush()

    def _take(self, at: int, node: Node) -> int:
        """Write or open one node; the position to go on from."""
        if not node.name:
            self._add(at, node.text)
        elif node.name == "br":
            self.run.parts.append("\n")
        elif node.name in BLOCK or "-" in node.name or _displayed(node) or at in self.titles:
            return self._open(at, node)
        else:
            self._enter_inline(at, node)
        return at + 1

    def _enter_inline(self, at: int, node: Node) -> None:
        if node.name in BOLD:
            self.bold_until = max(self.bold_until, node.end)
        if _preserves(node):
            self.preserved_until = max(self.preserved_until, node.end)
        if is_link(node):
            if at == self.link_end:
                self.run.parts.append(" ")  # two links are never one word
            self.link_end = node.end
            self._link(at)

    def _link(self, at: int) -> None:
        if link := link_at(self.tree, at, self.base):
            self.links.append(link)

    def _add(self, at: int, text: str) -> None:
        # what is left of white space is collapsed at the end; a newline stands for <br> until then
        self.run.parts.append(text if at < self.preserved_until else text.replace("\n", " "))
        size = self.tree.nodes[at].size
        self.run.letters += size
        self.run.bold += size if at < self.bold_until else 0

    def _open(self, at: int, node: Node) -> int:
        """Begin a block; a data table or a list of definitions is written at once."""
        if self.frames[-1].heading:
            self.run.parts.append(" ")  # blocks inside a heading are parts of one title
            return at + 1
        self._flush()
        rows = tables.rows(self.tree, at)
        if rows:
            self.blocks += rows
            self._links_within(at)
            return node.end
        if node.name == "pre" or _preserves(node):
            self.preserved_until = max(self.preserved_until, node.end)
        self.frames.append(self._frame(node, self.frames[-1]))
        if at in self.titles:
            self._write_title(at)
        return at + 1

    def _write_title(self, at: int) -> None:
        """Begin a panel with its tab's label, one level above the headings inside."""
        inside = self.tree.nodes[at : self.tree.nodes[at].end]
        level = min((one for node in inside if (one := _heading_level(node))), default=BOLD_TITLE_LEVEL)
        self.blocks.append(Block(BlockKind.HEADING, self.titles[at], level=level))
        self.frames[-1].deeper += 1

    def _links_within(self, at: int) -> None:
        nodes = self.tree.nodes
        position = at
        while position < nodes[at].end:
            node = nodes[position]
            if not node.dropped and is_link(node):
                self._link(position)
            position = node.end if node.dropped else position + 1

    def _frame(self, node: Node, outer: Frame) -> Frame:
        inner = Frame(node.end, outer.heading, outer.item, outer.depth, outer.numbering, outer.deeper)
        if node.name in ("ul", "ol", "menu", "dir"):
            inner.depth, inner.item = outer.depth + 1, None
            inner.numbering = _numbering(node)
        elif node.name == "li":
            marker = outer.numbering.next(node) if outer.numbering else BULLET
            inner.item = Item(marker, max(1, outer.depth))
        elif node.size <= LONGEST_HEADING:
            level = _heading_level(node)
            inner.heading = min(6, level + outer.deeper) if level else 0
        return inner

    def _close(self) -> None:
        if not (len(self.frames) > 1 and self.frames[-2].heading):
            self._flush()
        self.frames.pop()

    def _flush(self) -> None:
        """Write the run as blocks of the kind that its frame tells."""
        run, self.run = self.run, Run()
        raw = "".join(run.parts)
        if not raw.strip():
            return
        frame = self.frames[-1]
        if frame.heading:
            self._write(frame, raw)
            return
        bold = run.bold == run.letters
        for paragraph in PARAGRAPH_BREAK.split(raw):
            for line in TYPED_ITEM.split(paragraph):
                self._write(frame, line, bold=bold)

    def _write(self, frame: Frame, raw: str, *, bold: bool = False) -> None:
        text = collapse(raw)
        if not text:
            return
        marker = ""
        first_of_item = frame.item is not None and not frame.item.begun
        if frame.item is not None and first_of_item:
            marker, frame.item.begun = frame.item.marker, True
        if frame.heading:
            self.blocks.append(
                Block(BlockKind.HEADING, text, level=frame.heading, marker=marker.strip(BULLET))
            )
        elif frame.item is not None and first_of_item:
            self.blocks.append(Block(BlockKind.ITEM, text, level=frame.item.depth, marker=marker))
        elif bold and frame.item is None and _is_title(text):
            self.blocks.append(Block(BlockKind.HEADING, text, level=BOLD_TITLE_LEVEL))
        else:
            self.blocks.append(Block(BlockKind.PARAGRAPH, text))


def _displayed(node: Node) -> bool:
    """Whether the style of an inline element makes it a block."""
    return "style" in node.attributes and DISPLAYED.search(node.attributes["style"]) is not None


def _preserves(node: Node) -> bool:
    """Whether the style of an element keeps line breaks as written."""
    return "style" in node.attributes and PRESERVED.search(node.attributes["style"]) is not None


def _heading_level(node: Node) -> int:
    """1 to 6 of a heading element or role, else 0."""
    if node.name in HEADINGS:
        return int(node.name[1])
    if node.attributes.get("role") == "heading":
        return min(6, max(1, _integer(node.attributes.get("aria-level"), 2)))
    return 0


def _is_title(text: str) -> bool:
    """Whether a line that is all in bold is a title rather than an emphasised sentence."""
    return (
        len(text.split()) <= BOLD_TITLE_WORDS
        and len(text) <= 80
        and not text.endswith(SENTENCE_END)
        and any(character.isalpha() for character in text)
    )


def _numbering(node: Node) -> Numbering:
    if node.name != "ol":
        return Numbering(None)
    drawn = LIST_STYLE.search(node.attributes.get("style") or "")
    if drawn and drawn[1].lower() == "none":
        return Numbering(None)
    style = LIST_STYLES.get(drawn[1].lower(), "1") if drawn else node.attributes.get("type") or "1"
    step = -1 if "reversed" in node.attributes else 1
    return Numbering(style, _integer(node.attributes.get("start"), 1), step)


def _integer(text: str | None, otherwise: int) -> int:
    try:
        number = int(text or "")
    except ValueError:
        return otherwise
    return number if abs(number) < LARGEST_LIST_NUMBER else otherwise


def _numeral(number: int, style: str) -> str:
    """A list number in the style of <ol type>: 1, a, A, i or I."""
    if number < 1 or style not in ("a", "A", "i", "I"):
        return str(number)
    if style in ("i", "I"):
        return _roman(number) if style == "I" else _roman(number).lower()
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord(style) + rest) + letters
    return letters


ROMAN_VALUES = (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1)
ROMAN_SIGNS = ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I")


def _roman(number: int) -> str:
    if number >= 4000:
        return str(number)
    numeral = ""
    for value, sign in zip(ROMAN_VALUES, ROMAN_SIGNS, strict=True):
        count, number = divmod(number, value)
        numeral += sign * count
    return numeral
