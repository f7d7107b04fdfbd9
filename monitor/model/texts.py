"""What was read of a capture: blocks, pages, links and versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"


@dataclass(frozen=True)
class Block:
    """A piece of main text under its headings.

    `text` is what a reader sees, white space collapsed. `marker` is a list number that the page's
    layout draws ("3.", "•"), never one typed into the text. `level` is 1-6 of a heading and the
    depth (1 = outermost) of a list item. `section` is the path of the headings above. A table row
    has `cells` and the `headers` above them; its text is the cells joined by " | ".
    """

    kind: BlockKind
    text: str
    section: tuple[str, ...] = ()
    level: int = 0
    marker: str = ""
    cells: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()


Blocks = tuple[Block, ...]


@dataclass(frozen=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """What reading a capture brought: the main text as blocks, and what the guard needs to know."""

    blocks: Blocks
    title: str = ""
    language: str = ""  # as the page declares it
    links: tuple[Link, ...] = ()
    elsewhere: tuple[Link, ...] = ()  # links beside the main text, in menus and at the foot of the page
    media: str = "html"  # html | pdf | markdown | text
    all_text: str = ""  # every visible word of the page, navigation included; for the guard alone
    scripts: int = 0  # script elements
    passwords: int = 0  # password fields
    refresh: str = ""  # target of a meta refresh
    missing: tuple[str, ...] = ()  # selectors of the document that matched nothing


@dataclass(frozen=True, kw_only=True)
class SeenLink:
    """A link to another legal document, as the looks at the page that has it went so far."""

    text: str
    url: str
    first_seen: datetime
    since: datetime  # since when `present` is as it is
    present: bool  # whether the last look showed it
    settled: bool  # whether it counts as linked: what two looks in a row agreed on last
    vanished_at: datetime | None = None  # when it last ceased to count


class LinkFindingKind(StrEnum):
    NEW = "new"
    VANISHED = "vanished"
    MOVED = "moved"  # the same words lead to another address


@dataclass(frozen=True, kw_only=True)
class LinkFinding:
    """That a page links to another legal document than before: a finding of its own, never a change."""

    document: str  # that has the link
    at: datetime
    kind: LinkFindingKind
    text: str
    url: str
    former_url: str = ""  # of one that moved


@dataclass(frozen=True, kw_only=True)
class SeenLinks:
    """The legal documents that a page links to after a look at it, and what that look found."""

    reader: str  # of the links: with another one they are not compared
    links: tuple[SeenLink, ...]
    findings: tuple[LinkFinding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Version:
    """A distinct, accepted text of a document, with the capture it came from and what read it."""

    document: str
    at: datetime  # first seen
    page: Page
    fingerprint: str  # SHA-256 of the normal form of the blocks
    extractor: str
    reader: str
    capture_sha256: str
    url: str = ""
    effective: date | None = None  # stated in the text
    confirmed: bool = True
    id: int = 0  # given by the store
    source: str = ""  # where its capture was imported from
