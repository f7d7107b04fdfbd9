"""Marked words as they are shown: white space outside the marks, long clauses cut to what is near them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from monitor.model import Clause, Mark
from monitor.report.wording import visible

Words = tuple[tuple[Mark, str], ...]

GAP = "…"
WORD = 24
"""A cut moves by up to this many characters to fall between words."""

CLOSING = re.compile(r"[.,;:!?)\]}”’»…、。，；：！？）]")
"""What stands close to the word before it: a space there belongs to words that only the other version has."""

INTERWOVEN = 3
"""Marked places in a clause that keeps less than half its text: from here on two lines read better."""


def marked(clause: Clause) -> Words:
    """The words of a clause for people; a clause that came without marks is shown as a whole."""
    if any(mark is not Mark.SAME for mark, _ in clause.words):
        return tidy(clause.words)
    before = clause.before.text if clause.before else ""
    after = clause.after.text if clause.after else ""
    if clause.before and clause.after and not clause.alters:
        return tidy(((Mark.SAME, after),))
    return tidy(((Mark.REMOVED, before), (Mark.ADDED, after)))


def tidy(words: Words) -> Words:
    """The same words, with no white space at the ends of a mark and no two runs of one mark in a row."""
    loose = _join(_unmark_space(_share_space([(mark, visible(text)) for mark, text in words])))
    if not loose:
        return ()
    loose = [(mark, visible(text)) for mark, text in loose]
    loose[0] = (loose[0][0], loose[0][1].lstrip())
    loose[-1] = (loose[-1][0], loose[-1][1].rstrip())
    return tuple((mark, text) for mark, text in loose if text)


def shorten(words: Words, around: int) -> Words:
    """Cut unmarked text that is more than `around` characters away from a mark; no mark is ever cut."""
    if len(words) == 1 and words[0][0] is Mark.SAME:
        return ((Mark.SAME, _cut(words[0][1], around, 0)),)
    end = len(words) - 1
    return tuple(
        (mark, _cut(text, around if at else 0, around if at < end else 0) if mark is Mark.SAME else text)
        for at, (mark, text) in enumerate(words)
    )


def abridge(words: Words, longest: int) -> Words:
    """Also cut the inside of marked runs that are longer than `longest`: for what is told in brief."""
    half = longest // 2
    return tuple(
        (mark, text if mark is Mark.SAME else _cut(text, half, half))
        for mark, text in shorten(words, around=half)
    )


def side(words: Words, shown: Mark) -> Words:
    """One version's words: what both have and what only it has."""
    kept: list[tuple[Mark, str]] = []
    left_out = False
    for mark, text in words:
        if mark not in (Mark.SAME, shown):
            left_out = True
            continue
        if left_out and kept and CLOSING.match(text):
            kept[-1] = (kept[-1][0], kept[-1][1].rstrip())
        ended = not kept or kept[-1][1].endswith(" ")
        kept.append((mark, text.lstrip() if ended else text))
        left_out = False
    if left_out and kept:
        kept[-1] = (kept[-1][0], kept[-1][1].rstrip())
    return tuple(_join(kept))


def interwoven(words: Words) -> bool:
    """Whether so much differs in so many places that old and new read better one under the other."""
    places = sum(mark is not Mark.SAME for mark, _ in words)
    same = sum(len(text) for mark, text in words if mark is Mark.SAME)
    return places > 2 * INTERWOVEN and same * 2 < len(plain(side(words, Mark.ADDED)))


def plain(words: Words) -> str:
    return "".join(text for _, text in words)


def _share_space(words: list[tuple[Mark, str]]) -> list[tuple[Mark, str]]:
    """Where removed and added words stand side by side, take out the space that both begin or end with."""
    found: list[tuple[Mark, str]] = []
    for mark, text in words:
        if mark is Mark.ADDED and found and found[-1][0] is Mark.REMOVED:
            found += _replacement(found.pop()[1], text)
        else:
            found.append((mark, text))
    return found


def _replacement(old: str, new: str) -> list[tuple[Mark, str]]:
    lead = old[:1].isspace() and new[:1].isspace()
    trail = old[-1:].isspace() and new[-1:].isspace()
    if lead:
        old, new = old.lstrip(), new.lstrip()
    if trail:
        old, new = old.rstrip(), new.rstrip()
    return [(Mark.SAME, " " * lead), (Mark.REMOVED, old), (Mark.ADDED, new), (Mark.SAME, " " * trail)]


def _unmark_space(words: Iterable[tuple[Mark, str]]) -> Iterable[tuple[Mark, str]]:
    for mark, text in words:
        if mark is Mark.SAME:
            yield mark, text
            continue
        yield Mark.SAME, " " * (text[:1].isspace() and bool(text.strip()))
        yield mark, text.strip()
        yield Mark.SAME, " " * text[-1:].isspace()


def _join(words: Iterable[tuple[Mark, str]]) -> list[tuple[Mark, str]]:
    joined: list[tuple[Mark, str]] = []
    for mark, text in words:
        if joined and joined[-1][0] is mark:
            joined[-1] = (mark, joined[-1][1] + text)
        elif text:
            joined.append((mark, text))
    return joined


def _cut(text: str, head: int, tail: int) -> str:
    """The first `head` and last `tail` characters around a gap, or all where a gap would save little."""
    if len(text) <= head + tail + 2 * WORD:
        return text
    start = text[: _word_end(text, head)].rstrip() + " " if head else ""
    end = text[len(text) - _word_end(text[::-1], tail) :].lstrip() if tail else ""
    return f"{start}{GAP}{' ' if end else ''}{end}"


def _word_end(text: str, at: int) -> int:
    space = text.find(" ", at, at + WORD)
    return at if space < 0 else space
