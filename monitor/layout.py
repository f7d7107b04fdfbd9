"""What of a difference is only layout: where a block stands, a page's title, hidden e-mail addresses."""

from __future__ import annotations

import re
from functools import cached_property

from monitor.dates import dates
from monitor.model import Block, BlockKind, Blocks
from monitor.normal import EMAIL, PROTECTED, key, normal, without_number
from monitor.units import Unit

SELF_CONTAINED = 30  # characters of a paragraph that means the same wherever it stands
NEAR_TITLE = 4  # blocks among which the heading of the page is
TITLE_WORDS = 24  # of an old and a new page title together
TITLE_SEPARATOR = re.compile(r"\s+[-–—|·•:]\s+")
ADDRESS = re.compile(rf"{EMAIL.pattern}|{re.escape(PROTECTED)}", re.IGNORECASE)
FRAGMENTS = (BlockKind.ITEM, BlockKind.ROW)


class Surroundings:
    """What stands around each block of a version."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks

    def introduction(self, at: int) -> str:
        """The words of what an item, a row or a phrase stands under."""
        above = self._above[at]
        return key(self._blocks[above]) if above >= 0 else ""

    def following(self, at: int) -> str:
        """The words of the next block."""
        return key(self._blocks[at + 1]) if at + 1 < len(self._blocks) else ""

    def is_title(self, unit: Unit) -> bool:
        """Whether a block only repeats the page's title: the first one, or what a heading nearby says."""
        if unit.block.kind is BlockKind.HEADING:
            others = (key(b) for n, b in enumerate(self._blocks[:NEAR_TITLE]) if n != unit.at)
            return not unit.at or (unit.at < NEAR_TITLE and key(unit.block) in others)
        if unit.at:
            return False
        headings = {normal(b.text) for b in self._blocks[1:NEAR_TITLE] if b.kind is BlockKind.HEADING}
        return bool(_title_parts(unit) & headings)

    @cached_property
    def _above(self) -> list[int]:
        """The position of what introduces each block, -1 for none."""
        above = []
        last_of_level: dict[int, int] = {}  # item levels from 1; 0 is what stands above a list
        before_rows = -1
        for at, block in enumerate(self._blocks):
            above.append(self._introducing(block, at, last_of_level, before_rows))
            if block.kind is not BlockKind.ITEM:
                last_of_level = {0: at}
            else:
                last_of_level = {n: place for n, place in last_of_level.items() if n < block.level} | {
                    block.level: at
                }
            before_rows = before_rows if block.kind is BlockKind.ROW else at
        return above

    @staticmethod
    def _introducing(block: Block, at: int, last_of_level: dict[int, int], before_rows: int) -> int:
        if block.kind is BlockKind.ITEM:
            return max((place for level, place in last_of_level.items() if level < block.level), default=-1)
        return before_rows if block.kind is BlockKind.ROW else at - 1


def says_the_same(old: Unit, before: Surroundings, new: Unit, after: Surroundings) -> bool:
    """Whether equal words mean the same at both places.

    A list item or table row speaks under what introduces it; a heading or an introduction speaks
    of what follows. A paragraph speaks for itself under its heading ("For businesses"), unless it is a
    mere phrase that needs what stands before it.
    """
    introduced_alike = before.introduction(old.at) == after.introduction(new.at)
    if old.block.kind in FRAGMENTS or new.block.kind in FRAGMENTS:
        return introduced_alike
    if old.block.kind is BlockKind.HEADING and max(old.at, new.at) < NEAR_TITLE:
        return True
    if old.block.kind is BlockKind.HEADING or old.block.text.endswith((":", "：")):
        return before.following(old.at) == after.following(new.at)
    if any(dates(old.words)) or introduced_alike:
        return True
    return len(old.identity) >= SELF_CONTAINED and _heading(old) == _heading(new)


def _heading(unit: Unit) -> str:
    """The words of the heading that a block stands under."""
    return without_number(normal(unit.block.section[-1])) if unit.block.section else ""


def is_same_title(old: Unit, new: Unit) -> bool:
    """Whether two page titles differ by the name of the site alone ("Terms" and "Terms - Example")."""
    if old.at or new.at or len(old.bag) + len(new.bag) > TITLE_WORDS:
        return False
    fewer, more = sorted((_title_parts(old), _title_parts(new)), key=len)
    return bool(fewer) and fewer < more


def _title_parts(unit: Unit) -> set[str]:
    """The parts of a page title: "terms of use" and "example" of "Terms of Use - Example"."""
    return {words for part in TITLE_SEPARATOR.split(unit.block.text) if (words := normal(part))}


def other_address(old: Unit, new: Unit) -> bool:
    """Whether an e-mail address differs that both sides show."""
    shown = zip(ADDRESS.findall(old.words), ADDRESS.findall(new.words), strict=False)
    return any(one != other and PROTECTED not in (one, other) for one, other in shown)
