"""The words that differ between two texts, never cut inside a word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, groupby

from monitor.align import align, engine, gaps
from monitor.dates import dates, iso_form
from monitor.model import Mark
from monitor.normal import CJK, EMAIL, normal_character

Words = tuple[tuple[Mark, str], ...]
Token = tuple[str, str]  # as written; what it is compared by
Text = Sequence[Token]

# Letters and digits; vowel signs and accents that stand alone; Indic scripts with all their signs.
MARKS = (
    r"\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    r"\u0900-\u0dff\u0e31-\u0e4e"
)
LETTER = rf"[^\W{CJK}]|[{MARKS}]"
EMOJI = r"[\U0001f1e6-\U0001f1ff]{2}|[^\w\s](?:[\ufe0f\u200d\u20e3\U0001f3fb-\U0001f3ff]+[^\w\s]?){0,12}"
SIGNS = (
    r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]*"  # invisible: they belong to what they follow
)
TOKEN = re.compile(
    rf"(?:\d+(?:[.,]\d+)+(?!\w)|(?:{LETTER})+(?:['’](?:{LETTER})+)*|[{CJK}]|\s+|{EMOJI}|.){SIGNS}", re.DOTALL
)
SENTENCE_END = re.compile(r"[.!?;:。！？；：]")

CONTEXT = 40  # equal tokens beside a difference that are left to diff-match-patch, which places its borders
PRODUCT = 1_000_000  # tokens x tokens; at worst about 0.5 s of diff-match-patch
# Ranges of one class each, so that the border scoring of diff-match-patch sees words and punctuation.
WORD_CHARACTERS = ((0x4E00, 0xA000), (0x3400, 0x4DC0), (0xAC00, 0xD7A4), (0x20000, 0x2A6DE))
SIGN_CHARACTERS = ((0xE000, 0xF8FF), (0xF0000, 0xFFFFD), (0x100000, 0x10FFFD))


def mark(before: str, after: str) -> Words:
    """The words of both texts, each marked as the same, removed or added.

    Same and added words join to `after` as it is written; same and removed ones to `before`
    up to typography, case and the format of dates.
    """
    old, new = tuple(tokens(before)), tuple(tokens(after))
    parts: list[tuple[Mark, str]] = []
    for old_part, new_part in _portions(old, new):
        parts += _mark_portion(old_part, new_part)
    return _joined(parts)


def tokens(text: str) -> Iterator[Token]:
    """The words, CJK characters, signs and spaces of a text; a date or an e-mail address is one token."""
    end = 0
    for start, stop, identity in sorted(chain(_date_spans(text), _email_spans(text))):
        if start >= end:
            yield from _plain_tokens(text[end:start])
            yield text[start:stop], identity
            end = stop
    yield from _plain_tokens(text[end:])


def _date_spans(text: str) -> Iterator[tuple[int, int, str]]:
    return ((start, stop, iso_form(text[start:stop], day)) for start, stop, day in dates(text))


def _email_spans(text: str) -> Iterator[tuple[int, int, str]]:
    if "@" not in text:
        return iter(())
    return ((match.start(), match.end(), match[0].casefold()) for match in EMAIL.finditer(text))


def _plain_tokens(text: str) -> Iterator[Token]:
    return ((word, _identity(word)) for word in TOKEN.findall(text))


@lru_cache(maxsize=16384)  # a text repeats most of its words
def _identity(word: str) -> str:
    return " " if word.isspace() else normal_character(word)


def _portions(old: Text, new: Text) -> Iterator[tuple[Text, Text]]:
    """The common ends and what is between them, by sentences where that is too long to compare at once."""
    start, end = _common_ends(old, new)
    start, end = max(start - CONTEXT, 0), max(end - CONTEXT, 0)
    old_middle, new_middle = old[start : len(old) - end], new[start : len(new) - end]
    yield old[:start], new[:start]
    if len(old_middle) * len(new_middle) <= PRODUCT:
        yield old_middle, new_middle
    else:
        yield from _by_sentences(_sentences(old_middle), _sentences(new_middle))
    yield old[len(old) - end :], new[len(new) - end :]


def _common_ends(old: Text, new: Text) -> tuple[int, int]:
    """How many tokens the texts begin with and end with in common."""
    shorter = min(len(old), len(new))
    start = next((n for n in range(shorter) if old[n][1] != new[n][1]), shorter)
    end = next((n for n in range(shorter - start) if old[-1 - n][1] != new[-1 - n][1]), shorter - start)
    return start, end


def _by_sentences(olds: list[Text], news: list[Text]) -> Iterator[tuple[Text, Text]]:
    pairs = align([_identities(s) for s in olds], [_identities(s) for s in news])
    at = (0, 0)
    for i, k, j, m in [
        *gaps(pairs, (0, len(olds), 0, len(news))),
        (len(olds), len(olds), len(news), len(news)),
    ]:
        yield tuple(chain(*olds[at[0] : i])), tuple(chain(*news[at[1] : j]))
        yield tuple(chain(*olds[i:k])), tuple(chain(*news[j:m]))
        at = k, m


def _sentences(text: Text) -> list[Text]:
    """The sentences of a text, or stretches of it: only for finding what corresponds."""
    sentences: list[Text] = []
    start = 0
    for at, (word, _) in enumerate(text, 1):
        if SENTENCE_END.match(word):
            sentences.append(text[start:at])
            start = at
    return [*sentences, text[start:]] if start < len(text) else sentences


def _identities(text: Iterable[Token]) -> tuple[str, ...]:
    return tuple(identity for _, identity in text)


def _mark_portion(old: Text, new: Text) -> list[tuple[Mark, str]]:
    if _identities(old) == _identities(new):
        return [(Mark.SAME, _written(new))]
    encoded = _encoded(old, new) if len(old) * len(new) <= PRODUCT else None
    if encoded is None:
        return [(Mark.REMOVED, _written(old)), (Mark.ADDED, _written(new))]
    dmp = engine()
    parts = dmp.diff_main(*encoded, False)
    dmp.diff_cleanupSemantic(parts)
    marked = []
    i = j = 0
    for operation, text in parts:
        size = len(text)
        if operation < 0:
            marked.append((Mark.REMOVED, _written(old[i : i + size])))
        else:
            marked.append((Mark.ADDED if operation else Mark.SAME, _written(new[j : j + size])))
        i += size if operation <= 0 else 0
        j += size if operation >= 0 else 0
    return marked


def _written(text: Iterable[Token]) -> str:
    return "".join(word for word, _ in text)


def _encoded(old: Text, new: Text) -> tuple[str, str] | None:
    """Both texts with each distinct token as one character of its class; None when there are too many."""
    words, signs = _characters(WORD_CHARACTERS), _characters(SIGN_CHARACTERS)
    letters: dict[str, str] = {" ": " "}
    for _, identity in chain(old, new):
        if identity not in letters:
            letter = next(words if any(map(str.isalnum, identity)) else signs, None)
            if letter is None:
                return None
            letters[identity] = letter
    return "".join(letters[identity] for _, identity in old), "".join(
        letters[identity] for _, identity in new
    )


def _characters(ranges: Iterable[tuple[int, int]]) -> Iterator[str]:
    return map(chr, chain.from_iterable(range(*span) for span in ranges))


def _joined(parts: Iterable[tuple[Mark, str]]) -> Words:
    """Neighbours of one mark as one part; between the same words, removed ones before added ones."""
    words: list[tuple[Mark, str]] = []
    for same, run in groupby((part for part in parts if part[1]), key=lambda part: part[0] is Mark.SAME):
        run_parts = list(run)
        for kind in (Mark.SAME,) if same else (Mark.REMOVED, Mark.ADDED):
            text = "".join(text for mark_, text in run_parts if mark_ is kind)
            words += [(kind, text)] if text else []
    return tuple(words)
