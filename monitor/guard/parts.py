"""Parts of a page that failed: an error or a stand-in where a part of the document should be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from monitor.guard.lines import any_line
from monitor.guard.phrases import FAILED_PART, LONGEST_FAILED_PART
from monitor.guard.sight import Sight
from monitor.model import Block, BlockKind, Blocks, Capture, Reason
from monitor.normal import bare, key, normal, without_number

# What scripts show before a text has come, or in place of one that never will.
STANDS_IN = any_line(
    r"""
    undefined|null|nan|\[object object\]|\{\{[^{}]{1,60}\}\}|\$\{[^{}]{1,60}\}|<%[^<>]{1,60}%>
    lorem ipsum.{0,400}
    (this )?(content|section|text|page)( is)? (temporarily |currently )?(unavailable|not available|missing).?
    (still )?loading(( the)? (page|content|section|document|text|more))?( ?, please wait)?[.… ]*
    (please )?(wait|stand by)[.… ]*|just a (moment|second)[.… ]*|fetching( content| data)?[.… ]*
    (wird|inhalt(e)? (wird|werden)) geladen[.… ]*|lädt[.… ]*|lade(n)?[.… ]*
    chargement( en cours)?[.… ]*|cargando[.… ]*|carregando[.… ]*|caricamento( in corso)?[.… ]*
    (正在)?(加载|載入)中?[.…。 ]*|読み込み中(です)?[.…。 ]*|(불러오는|로딩) ?중(입니다)?[.…。 ]*
    """
)
# An element without text that stands in for what a script is to bring.
SKELETON = re.compile(
    rb"<(?:div|section|span|ul|tbody|article|main|p|li|td)\s(?=[^>]{0,300}(?:aria-busy\s*=\s*[\"']?true"
    rb"|\b(?:skeleton|shimmer|animate-pulse|spinner)\b))[^>]{0,400}>\s*</",
    re.IGNORECASE,
)
MOST_GONE = 0.1  # of the last text is left: then it is no part that failed
FEWEST_GONE = 5  # words of a part that is gone


def failed_parts(seen: Sight) -> Iterator[Reason]:
    """An error message of its own, or a stand-in, where a part of the document should be."""
    for block in seen.page.blocks:
        if (
            len(block.text.split()) <= LONGEST_FAILED_PART
            and FAILED_PART.match(block.text.strip())
            and seen.is_news(block.text)
        ):
            yield Reason("part-failed", f"a part of the page says {block.text[:100]!r}")
            return
    if seen.old is None or seen.kept < MOST_GONE:
        return
    if stand_in := _standing_in(seen.page.blocks, seen.old.blocks):
        yield Reason("part-failed", f"a part of the page says {stand_in!r} in place of its text")
        return
    alone, lost = _left_alone(seen.page.blocks, seen.old.blocks), _only_lost(seen)
    if alone and lost:
        yield Reason("part-failed", f"nothing is left under {alone!r}, and nothing else changed")
    elif (alone or lost) and _loads_more(seen):
        yield Reason("part-failed", f"the page still loads a part of itself, and {alone or lost!r} is gone")


def emptied(seen: Sight) -> Iterator[Reason]:
    """A heading that stands while all its text is gone: an edit would have taken it along."""
    if seen.old and (heading := _left_alone(seen.page.blocks, seen.old.blocks)):
        yield Reason("section-empty", f"nothing is left under {heading!r}; waiting to see this again")


def loads(capture: Capture) -> int:
    """How many empty elements a page has that stand in for what a script is to bring."""
    named = any(
        name in capture.body for name in (b"aria-busy", b"skeleton", b"shimmer", b"animate-pulse", b"spinner")
    )
    return len(SKELETON.findall(capture.body)) if named else 0


def _loads_more(seen: Sight) -> bool:
    """Whether more of the page waits for scripts than when it was last seen; many pages always do."""
    before = seen.previous.capture
    return before is not None and loads(seen.capture) > loads(before)


def _standing_in(news: Blocks, olds: Blocks) -> str:
    """A new block that only stands in for a text, where text of the old version is gone."""
    known = [key(block) for block in olds]
    said = {block.text.casefold() for block in olds}
    here = {key(block) for block in news}
    for at, block in enumerate(news):
        if block.text.casefold() in said or not STANDS_IN.fullmatch(block.text.strip()):
            continue
        above = next((known.index(k) for b in reversed(news[:at]) if (k := key(b)) in known), -1)
        below = (known.index(k, above + 1) for b in news[at + 1 :] if (k := key(b)) in known[above + 1 :])
        stop = next(below, len(known))
        # Rows of a table may be short each, and say something together.
        if _says_something(" ".join(words for words in known[above + 1 : stop] if words not in here)):
            return block.text
    return ""


def _left_alone(fewer: Blocks, more: Blocks) -> str:
    """A heading of two texts under which one has nothing, and nowhere what the other has there."""
    empty = [words for words, text in _sections(fewer).items() if not text]
    full = _sections(more) if empty else {}
    here: set[str] = set()
    for words in empty:
        if _size(full.get(words, ())) >= FEWEST_GONE:
            here = here or {key(block) for block in fewer}
            if not any(key(block) in here for block in full[words]):
                return words
    return ""


def _only_lost(seen: Sight) -> str:
    """The first block of the last text that is gone, where nothing else came."""
    olds = seen.old.blocks if seen.old else ()
    here, known = ({key(block) for block in blocks} for blocks in (seen.page.blocks, olds))
    if not here <= known:
        return ""
    return next(
        (block.text[:100] for block in olds if key(block) not in here and _says_something(key(block))), ""
    )


def _sections(blocks: Blocks) -> dict[str, tuple[Block, ...]]:
    """What stands under each heading, subsections included; headings that occur once, in their words."""
    found: dict[str, tuple[Block, ...]] = {}
    several: set[str] = set()
    for at, block in enumerate(blocks):
        if block.kind is not BlockKind.HEADING:
            continue
        words = bare(without_number(normal(block.text)))
        several |= {words} & found.keys()
        stop = (n for n in range(at + 1, len(blocks)) if _ends_section(blocks[n], block))
        under = blocks[at + 1 : next(stop, len(blocks))]
        found[words] = tuple(b for b in under if key(b) and not STANDS_IN.fullmatch(b.text.strip()))
    return {words: text for words, text in found.items() if words not in several and words}


def _ends_section(block: Block, heading: Block) -> bool:
    return block.kind is BlockKind.HEADING and block.level <= heading.level


def _size(blocks: tuple[Block, ...]) -> int:
    return sum(len(block.text) for block in blocks if block.kind is not BlockKind.HEADING) // 5


def _says_something(words: str) -> bool:
    return len(words) >= FEWEST_GONE * 5
