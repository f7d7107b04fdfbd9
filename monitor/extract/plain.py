"""Markdown and plain text to blocks, and blocks back to Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from bs4 import BeautifulSoup
from markdown_it import MarkdownIt
from markdown_it.token import Token

from monitor.extract.charset import decode
from monitor.model import Block, BlockKind, Blocks, Link, Page

__all__ = [
    "collapse",
    "decode",
    "front_matter",
    "read_markdown",
    "read_text",
    "row",
    "to_markdown",
    "with_sections",
]

# Indented code is off: in terms, four spaces are sloppy nesting, and code would show its asterisks.
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("code")
_BLOCKS = MarkdownIt("commonmark").enable(["table"]).disable(["code", "inline"])
"""The same for the blocks alone: most of them hold no markup that would have to be parsed."""
BULLET = "•"

# --- blocks ------------------------------------------------------------------------------------


def collapse(text: str) -> str:
    """The text with every run of white space as one space, and none at its ends."""
    return " ".join(text.split())


def row(cells: Iterable[str], headers: Iterable[str] = ()) -> Block:
    """A table row.

    The row of headings is a row of its own, without headers, so that a renamed column shows once.
    """
    cells = tuple(collapse(cell) for cell in cells)
    return Block(BlockKind.ROW, " | ".join(cells), cells=cells, headers=tuple(headers))


def with_sections(blocks: Iterable[Block]) -> Blocks:
    """The blocks, each with the path of the headings above it; a heading's path is that of its parents."""
    above: list[Block] = []
    section: tuple[str, ...] = ()
    done = []
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            above = [heading for heading in above if heading.level < block.level]
            section = tuple(heading.text for heading in above)
        done.append(replace(block, section=section) if section != block.section else block)
        if block.kind is BlockKind.HEADING:
            above.append(block)
            section = (*section, block.text)
    return tuple(done)


def _page(blocks: Iterable[Block], media: str, links: Iterable[Link] = ()) -> Page:
    blocks = with_sections(block for block in blocks if block.text.strip(" |"))
    title = next((b.text for b in blocks if b.kind is BlockKind.HEADING and b.level == 1), "")
    text = "\n".join(block.text for block in blocks)
    return Page(blocks=blocks, title=title, links=tuple(links), media=media, all_text=text)


# --- Markdown -> blocks ------------------------------------------------------------------------

FRONT_MATTER = re.compile(r"\A(-{3}|\+{3})[ \t]*\n(?:[^\n]*\n){0,200}?\1[ \t]*(?:\n|\Z)")
FRONT_MATTER_LINE = re.compile(r"^[\w-]+\s*[:=]", re.MULTILINE)


def read_markdown(text: str) -> Page:
    """The blocks of a text in Markdown; links are reduced to their words and listed with the page."""
    named: dict[str, object] = {}  # where links lead that are named once for the whole text
    reading = _Reading(named=named)
    for token in _BLOCKS.parse(front_matter(text)[1], named):
        reading.take(token)
    return _page(reading.blocks, "markdown", reading.links)


def front_matter(text: str) -> tuple[str, str]:
    """The front matter of a document, "" if it has none, and the text after it."""
    text = text.replace("\r\n", "\n").lstrip("\ufeff\n")
    matter = FRONT_MATTER.match(text)
    if matter and FRONT_MATTER_LINE.search(matter[0]):
        return matter[0], text[matter.end() :]
    return "", text


@dataclass
class _Reading:
    """What has been read so far of a Markdown document."""

    named: dict[str, object]
    blocks: list[Block] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    markers: list[str] = field(default_factory=list)  # of the open list items; "" once a block bears it
    depth: int = 0  # of the open lists
    heading: int = 0  # level of the open heading
    cells: list[str] | None = None  # of the open table row
    headers: tuple[str, ...] = ()
    in_head: bool = False

    def take(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                self.depth += 1
            case "bullet_list_close" | "ordered_list_close":
                self.depth -= 1
            case "list_item_open":
                self.markers.append(f"{token.info}{token.markup}" if token.info else BULLET)
            case "list_item_close":
                self.markers.pop()
            case "heading_open":
                self.heading = int(token.tag[1])
            case "heading_close":
                self.heading = 0
            case "inline":
                self._take_text(self._read(token.content))
            case "fence" | "code_block":
                self._take_lines(token.content)
            case "html_block":
                self._take_lines(_visible(token.content))
            case _:
                self._take_table_part(token)

    def _take_table_part(self, token: Token) -> None:
        match token.type:
            case "thead_open" | "thead_close":
                self.in_head = token.type == "thead_open"
            case "tr_open":
                self.cells = []
            case "tr_close":
                self._take_row()
            case "table_close":
                self.headers = ()

    def _take_row(self) -> None:
        done = row(self.cells or (), self.headers)
        self.cells = None
        self.blocks.append(done)
        if self.in_head and any(done.cells):
            self.headers = done.cells

    def _take_lines(self, text: str) -> None:
        for paragraph in re.split(r"\n[ \t]*\n", text):
            self._take_text(paragraph)

    def _take_text(self, text: str) -> None:
        text = collapse(text)
        if self.cells is not None:
            self.cells.append(text)
            return
        if not text:
            return
        marker = self.markers[-1] if self.markers else ""
        if self.heading:
            block = Block(BlockKind.HEADING, text, level=self.heading, marker=marker)
        elif marker:
            block = Block(BlockKind.ITEM, text, level=self.depth, marker=marker)
        else:
            block = Block(BlockKind.PARAGRAPH, text)
        self.blocks.append(block)
        if marker:
            self.markers[-1] = ""

    def _read(self, content: str) -> str:
        if not SPECIAL.search(content):
            return content
        tokens: list[Token] = []
        MARKDOWN.inline.parse(content, MARKDOWN, self.named, tokens)
        return self._words(tokens)

    def _words(self, tokens: list[Token]) -> str:
        """The visible words of inline tokens; links are noted on the way."""
        words: list[str] = []
        open_links: list[tuple[str, int]] = []
        for token in tokens:
            if token.type == "link_open":
                open_links.append((str(token.attrGet("href") or ""), len(words)))
            elif token.type == "link_close" and open_links:
                url, start = open_links.pop()
                self.links.append(Link(collapse("".join(words[start:])), url))
            else:
                words.append(_inline(token))
        return "".join(words)


def _inline(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return " "
    if token.type == "html_inline":
        return " " if token.content[:3].lower() == "<br" else ""
    if token.type == "image":
        return ""
    return token.content


def _visible(markup: str) -> str:
    return BeautifulSoup(markup, "lxml").get_text(" ")


# --- plain text -> blocks ----------------------------------------------------------------------

GLYPH = re.compile(r"(?:[•‣◦▪●■·*–—-]|o(?=\s\s))\s+")
NUMBERED = re.compile(
    r"(?:\(?(?:\d{1,3}|[a-zA-Z]|[ivxlc]{1,6})\)|\d{1,3}(?:\.\d{1,3}){0,4}\.|\d{1,3}(?:\.\d{1,3}){1,4})\s+\S"
)
UNDERLINE = re.compile(r"(=|-|~|\*)\1{2,}")
LONG_LINE = 50  # a line this long followed by another was broken by its width, not by its author
WRAP_WIDTH = 120  # text is hard-wrapped when hardly a line is longer


def read_text(text: str) -> Page:
    """The blocks of a plain text: wrapped lines joined, underlined and capital lines as headings."""
    lines = text.replace("\f", "\n\n").splitlines()
    wrapped = sum(len(line) > WRAP_WIDTH for line in lines) * 20 <= len(lines)
    blocks = (block for chunk in _chunks(lines) for block in _read_chunk(chunk, wrapped))
    return _page(blocks, "text")


def _chunks(lines: Iterable[str]) -> Iterator[list[str]]:
    """The runs of lines between blank ones."""
    chunk: list[str] = []
    for line in (*lines, ""):
        if line.strip():
            chunk.append(line)
        elif chunk:
            yield chunk
            chunk = []


def _read_chunk(chunk: list[str], wrapped: bool) -> Iterator[Block]:
    paragraph: list[str] = []
    for line, following in pairwise((*chunk, "")):
        stripped = line.strip()
        if UNDERLINE.fullmatch(stripped):
            continue
        if paragraph and (
            GLYPH.match(stripped) or NUMBERED.match(stripped) or not _continues(paragraph, wrapped)
        ):
            yield _text_block(paragraph)
            paragraph = []
        if not paragraph and UNDERLINE.fullmatch(following.strip()):
            level = 1 if following.strip().startswith("=") else 2
            yield Block(BlockKind.HEADING, collapse(line), level=level)
        else:
            paragraph.append(line)
    if paragraph:
        yield _text_block(paragraph)


def _continues(paragraph: list[str], wrapped: bool) -> bool:
    return wrapped and len(paragraph[-1].rstrip()) >= LONG_LINE


def _text_block(lines: list[str]) -> Block:
    text = collapse(" ".join(lines))
    glyph = GLYPH.match(text)
    if glyph:
        return Block(BlockKind.ITEM, text[glyph.end() :], level=1, marker=BULLET)
    if len(lines) == 1 and text.isupper() and len(text) <= 80 and not text.endswith((".", ";", ",")):
        return Block(BlockKind.HEADING, text, level=2)
    return Block(BlockKind.PARAGRAPH, text)


# --- blocks -> Markdown ------------------------------------------------------------------------

SPECIAL = re.compile(r"[\\`*_\[\]<&~]")
OPENS_BLOCK = re.compile(r"(?:#{1,6}|[-+*])(?=\s|$)|>|```|~~~|\[|<|-(?=[- ]*$)")
OPENS_NUMBERED = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
NUMBER_MARKER = re.compile(r"\d{1,9}[.)]")


def to_markdown(blocks: Blocks) -> str:
    """The blocks as Markdown; `read_markdown` gives back their kinds, texts, sections and levels."""
    parts: list[str] = []
    offsets: list[int] = []  # where the texts of the open list items begin
    previous: Block | None = None
    for block, following in pairwise((*blocks, None)):
        assert block is not None
        if block.kind is not BlockKind.ITEM:
            offsets = []
        tight = previous is not None and _joins(previous, block)
        parts.append("" if previous is None else "\n" if tight else "\n\n")
        parts.append(_print(block, offsets, tight, following))
        previous = block
    return "".join(parts) + ("\n" if parts else "")


def _joins(previous: Block, block: Block) -> bool:
    """Whether a block continues the list or the table of the one before, without a blank line."""
    if block.kind is BlockKind.ROW and previous.kind is BlockKind.ROW:
        if len(block.cells) != len(previous.cells):
            return False
        return block.headers in (previous.headers, previous.cells) if block.headers else not previous.headers
    if block.kind is BlockKind.ITEM and previous.kind is BlockKind.ITEM:
        return not _number(block) and not _number(previous)
    return False


def _number(block: Block) -> str:
    return block.marker if NUMBER_MARKER.fullmatch(block.marker) else ""


def _print(block: Block, offsets: list[int], tight: bool, following: Block | None) -> str:
    match block.kind:
        case BlockKind.HEADING:
            return f"{'#' * min(max(block.level, 1), 6)} {_heading_text(block.text)}"
        case BlockKind.ITEM:
            return _item(block, offsets)
        case BlockKind.ROW:
            return _row(block, tight, following)
        case BlockKind.PARAGRAPH:
            return _escape(block.text)


def _heading_text(text: str) -> str:
    """What follows the hashes opens no block; a hash at the end would be read as closing ones."""
    text = _escape_inline(text)
    return text[:-1] + r"\#" if text.endswith("#") and not text.endswith(r"\#") else text


def _item(block: Block, offsets: list[int]) -> str:
    """A list item under the open ones; levels that no open item has are opened on the same line."""
    level = max(block.level, 1)
    del offsets[level - 1 :]
    indent = " " * (offsets[-1] if offsets else 0)
    markers = ["-"] * (level - 1 - len(offsets)) + [_number(block) or "-"]
    for marker in markers:
        offsets.append((offsets[-1] if offsets else 0) + len(marker) + 1)
    return f"{indent}{' '.join(markers)} {_escape(block.text)}"


def _row(block: Block, tight: bool, following: Block | None) -> str:
    line = _table_line(block.cells)
    if tight:
        return line
    rule = "| " + " | ".join("---" for _ in block.cells) + " |"
    if following and following.kind is BlockKind.ROW and following.headers == block.cells:
        return f"{line}\n{rule}"
    head = block.headers if len(block.headers) == len(block.cells) else [""] * len(block.cells)
    return f"{_table_line(head)}\n{rule}\n{line}"


def _table_line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(_escape_inline(cell).replace("|", r"\|") for cell in cells) + " |"


def _escape(text: str) -> str:
    """The text with as few backslashes as keep it from being read as markup."""
    text = _escape_inline(text)
    if OPENS_BLOCK.match(text):
        return "\\" + text
    return OPENS_NUMBERED.sub(r"\1\\\2", text, count=1) if OPENS_NUMBERED.match(text) else text


def _escape_inline(text: str) -> str:
    if SPECIAL.search(text) and _read_inline(text) != text:
        return SPECIAL.sub(r"\\\g<0>", text)
    return text


def _read_inline(text: str) -> str:
    return "".join(_inline(token) for token in MARKDOWN.parseInline(text)[0].children or [])
