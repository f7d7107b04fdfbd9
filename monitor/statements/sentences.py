"""Blocks to sentences: a splitter for legal text that gives list items the words that introduce them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise

from monitor.model import Block, BlockKind, Blocks


@dataclass(frozen=True)
class Sentence:
    """A sentence of a block with what a reader carries into it: the lead-in of its list, its headings.

    `headers` are set for a table row, of which `text` is every cell after its header. `question` is what
    the sentence right before it asks. Two are equal that say the same, wherever they stand.
    """

    text: str
    block: int = field(compare=False)
    lead: str = ""
    section: tuple[str, ...] = field(default=(), compare=False)
    headers: tuple[str, ...] = ()
    lead_block: int | None = field(default=None, compare=False)
    is_heading: bool = False
    question: str = ""

    @property
    def asked(self) -> str:
        """The sentence behind its lead-in, and that behind the question before it."""
        return f"{self.question} {self.whole}" if self.question else self.whole

    @property
    def whole(self) -> str:
        """The sentence behind its lead-in, as it reads aloud."""
        return f"{self.lead} {self.text}" if self.lead else self.text


# Words whose full stop does not end a sentence, in the five languages.
_ABBREVIATIONS = frozenset(
    "e.g i.e eg ie etc vs cf no nos art arts sec secs ch fig inc ltd co corp llc u.s u.k u.s.c e.u v"
    " mr mrs ms dr st jr sr prof p pp para paras approx ca al ed eds est incl dept a.m p.m al. n° n ex"
    " p.ex m mm c.-à-d z.b bzw usw ggf abs nr vgl d.h u.a o.g z s ziff evtl gem inkl p.ej ej núm pág"
    " sra sres ud uds aprox b.v s.a s.l g.m.b.h s.a.s pte pty d.b.a a.k.a w.r.t".split()
)
# "E.g." and the like are followed by more of the sentence; the others may also end one before a capital.
_ALWAYS_CONTINUES = frozenset(
    "e.g i.e eg ie cf vs v art arts sec secs no nos z.b d.h p.ex p.ej ej mr mrs ms dr".split()
)
_CANDIDATE = re.compile(
    r"(?P<stop>[.!?…]+)(?P<close>[\"'”’»)\]*_]*)(?P<gap>\s+)(?=(?P<next>\S))"
    r"|(?P<cjk>[。！？；][”’」』）)]*)\s*(?=\S)"
    r"|(?P<line>\n+)"
)
_LAST_WORD = re.compile(r"[^\s(\[\"“'‘]*$")
_OPENS = re.compile(r"[\"'“‘«(\[*_]*[A-ZÀ-ÞĀ-Ž\d\u3400-\u9fff]")
_NUMBER_ONLY = re.compile(r"(?:\(?[0-9]{1,3}(?:\.[0-9]{1,3}){0,3}|\(?[a-zA-Z]|\(?[ivxIVX]{1,5})[.)]?$")


@lru_cache(maxsize=16384)  # most blocks of a version stood in the one before it
def split(text: str) -> tuple[str, ...]:
    """The sentences of a text, in order; together they are the text but for white space between them."""
    return tuple(sentence for sentence in _split(text) if sentence)


def _split(text: str) -> Iterator[str]:
    start = 0
    for match in _CANDIDATE.finditer(text):
        if match["stop"] and not _ends(text[start : match.start()], match, text[match.end() :]):
            continue
        end = match.end("close") if match["stop"] else match.end()
        yield text[start:end].strip()
        start = match.end()
    yield text[start:].strip()


def _ends(sentence: str, match: re.Match[str], rest: str) -> bool:
    """Whether the full stop after these words ends the sentence."""
    if not _OPENS.match(rest[:8]):
        return False
    if set(match["stop"]) != {"."}:
        return match["stop"] != "…" or rest[:1].isupper()
    if _NUMBER_ONLY.fullmatch(sentence.strip()):
        return False  # "1. Scope", "(a). Data"
    word = _LAST_WORD.search(sentence[-20:])
    last = word[0].lower().rstrip(".") if word else ""
    if last in _ALWAYS_CONTINUES:
        return False
    if last in _ABBREVIATIONS or (len(last) == 1 and last.isalpha()):
        return rest[:1].isupper() and bool(re.match(r"(?:We|You|The|This|Our|Your|If|In|It|For|To)\b", rest))
    return True


# --- blocks ------------------------------------------------------------------------------------

_TYPED_ITEM = re.compile(
    r"[•●▪◦·*–—-]\s*\S|\(?(?:[a-zA-Z]|[ivx]{1,5}|\d{1,2})[.)]\s+\S|[（(]?[一二三四五六七八九十\d]{1,3}[）)、]\s*\S"
)
# A paragraph that breaks off after one of these words goes on in the list below it.
_GOES_ON = re.compile(
    r"\b(?:to|by|for|that|if|when|and|or|not|will|may|must|are|is|include|includes|including|of|with|in|as|de|à|zu|a)$"
)
_INTRODUCES = re.compile(r"[:：][\"'”’*_)]*$|(?:—|–)$")
_FOLLOWING = re.compile(
    r"\b(?:following|as follows|below|suivante?s?|folgende[nrms]?|siguientes?)\b|以下|如下", re.IGNORECASE
)


def sentences(blocks: Blocks) -> tuple[Sentence, ...]:
    """The sentences of a version in reading order; headings, also in a contents list, are marked."""
    leads = _Leads()
    titles = {_title(block.text) for block in blocks if block.kind is BlockKind.HEADING}
    heads = {block.headers for block in blocks if block.headers}
    found: list[Sentence] = []
    for at, block in enumerate(blocks):
        lead, lead_at = leads.lead_of(block, at)
        texts = (_row(block),) if block.kind is BlockKind.ROW else split(block.text)
        heading = _title(block.text) in titles or block.cells in heads
        found.extend(
            Sentence(text, at, lead, block.section, block.headers, lead_at, heading) for text in texts
        )
    return _with_questions(found)


def _with_questions(found: list[Sentence]) -> tuple[Sentence, ...]:
    """The sentences, each after a question with what that asks; a changed question changes its answer."""
    for n, (asks, answers) in enumerate(pairwise(found), start=1):
        if asks.text.rstrip(_AFTER_QUESTION).endswith(("?", "？")) and not answers.is_heading:
            above = asks.block if asks.block != answers.block and not answers.lead else answers.lead_block
            found[n] = replace(answers, question=asks.text, lead_block=above)
    return tuple(found)


_AFTER_QUESTION = "\"')”*_ "


_BEFORE_TITLE = re.compile(r"^(?:[\W\d_]|[a-zA-Z][.)])*")


@lru_cache(maxsize=16384)
def _title(text: str) -> str:
    """A heading without its number and case."""
    return _BEFORE_TITLE.sub("", text).rstrip(".: ").lower()


def _row(block: Block) -> str:
    """A table row as one text: each cell behind its header."""
    if not block.cells:
        return block.text
    headers = block.headers + ("",) * (len(block.cells) - len(block.headers))
    return "; ".join(
        f"{header}: {cell}" if header else cell for header, cell in zip(headers, block.cells, strict=False)
    )


Lead = tuple[str, int | None]
"""The words that introduce a block, and the position of the block they stand in."""


class _Leads:
    """Walks the blocks of a version and knows which words introduce the next one."""

    def __init__(self) -> None:
        self._open: dict[float, tuple[str, int]] = {}  # introducing words by the level they stand on
        self._heading: Lead = ("", None)  # the last one, when no paragraph has followed
        self._above: Block | None = None  # an item that introduces a list which the page does not indent
        self._inside = False  # that list

    def lead_of(self, block: Block, at: int) -> Lead:
        """The lead-in of this block; called once for each block, in order."""
        level = self._level(block)
        self._open = {n: lead for n, lead in self._open.items() if n < level}
        texts = [text for _, (text, _) in sorted(self._open.items())]
        nearest = max(self._open, default=None)
        lead_at = self._open[nearest][1] if nearest is not None else None
        if not texts and level and self._heading[0]:
            texts, lead_at = [self._heading[0]], self._heading[1]
        if introducing := _introduction(block):
            self._open[level] = (introducing, at)
            if block.kind is BlockKind.ITEM and block.marker:
                self._above, self._inside = block, False
        if not level:
            self._heading = (block.text, at) if _says_something(block) else ("", None)
        return " ".join(texts), lead_at

    def _level(self, block: Block) -> float:
        """0 for what stands on its own, the depth of a list item else."""
        if block.kind is BlockKind.ITEM:
            return max(block.level, 1) + (0.5 if self._flattened(block) else 0)
        self._above = None
        if block.kind is BlockKind.ROW:
            return 1
        typed = block.kind is BlockKind.PARAGRAPH and 0 in self._open and _TYPED_ITEM.match(block.text)
        return 1 if typed else 0

    def _flattened(self, block: Block) -> bool:
        """Whether an item counts anew ("3. You may not:", "1. copy") under one of its own level."""
        above = self._above
        if above is None or block.level != above.level:
            return False
        self._inside = self._inside or bool(_COUNTS_ANEW.fullmatch(block.marker))
        if not self._inside or block.marker == _next_marker(above.marker):
            self._above = None
        return self._above is not None


_COUNTS_ANEW = re.compile(r"\(?(?:1|a|A|i|I)[.)]?")


def _next_marker(marker: str) -> str:
    """What the next item of a list is numbered: "4." after "3."; "" where nothing is counted."""
    counted = re.search(r"\d+|[A-Za-z](?=\W|$)", marker)
    if not counted:
        return ""
    number = counted[0]
    following = str(int(number) + 1) if number.isdigit() else chr(ord(number) + 1)
    return marker[: counted.start()] + following + marker[counted.end() :]


_WORDS_THAT_SAY = 4


def _says_something(block: Block) -> bool:
    """Whether a heading says what the list right below it is about: "What we never use for training"."""
    return block.kind is BlockKind.HEADING and len(block.text.split()) >= _WORDS_THAT_SAY


def _introduction(block: Block) -> str:
    """The words of a block that introduce the list after it, or ""."""
    if block.kind not in (BlockKind.PARAGRAPH, BlockKind.ITEM) or not block.text:
        return ""
    last = split(block.text)[-1]
    return last if _introduces(last, loosely=block.kind is BlockKind.PARAGRAPH) else ""


@lru_cache(maxsize=16384)
def _introduces(last: str, *, loosely: bool) -> bool:
    """Whether a sentence announces what follows; loosely: where it only breaks off, too."""
    strictly = _INTRODUCES.search(last)
    return bool(strictly or (loosely and (_FOLLOWING.search(last) or _GOES_ON.search(last))))
