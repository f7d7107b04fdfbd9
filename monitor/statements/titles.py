"""Titles of other sections that a sentence quotes: what they name is no position of the sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from monitor.statements.lexicon import Span, Tokens

_QUOTED = re.compile(
    r"\b(?:in|see|under|section|sections|entitled|titled|heading)\s+(?:the |our |section )?"
    r"[“\"](?P<title>[^”\"\n]{6,90})[”\"]",
    re.IGNORECASE,
)
_ASKS = re.compile(r"(?:How|What|When|Where|Why|Who|Which|Your|Our)\b")
_SMALL = frozenset("a an and or of the to for in on by with from".split())


def titled(words: Tokens) -> Iterator[Span]:
    """Where quoted titles stand: 'as described in "How long we keep your data"'."""
    if not any(quote in words.text for quote in '“"'):
        return
    for match in _QUOTED.finditer(words.text):
        if _is_title(match["title"]):
            yield words.at(match.start("title")), words.at(match.end("title") - 1) + 1


def _is_title(text: str) -> bool:
    """Whether a quotation reads as a heading, not as the name of a switch: its words begin in capitals."""
    telling = [word for word in text.split() if word.lower() not in _SMALL]
    capitals = sum(word[:1].isupper() for word in telling)
    return len(telling) > 1 and (bool(_ASKS.match(text)) or capitals == len(telling))
