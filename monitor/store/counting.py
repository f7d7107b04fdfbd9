"""How long a text is, for what is told of a version."""

from __future__ import annotations

import re
from functools import lru_cache

from monitor.model import Page

# A Han or kana character counts as a word, for Chinese and Japanese put no spaces between theirs.
# It is compiled when a text is first counted: most rounds bring none.
_WORD = r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+"


def words_of(page: Page) -> int:
    """How many words the page's blocks hold."""
    return sum(_words_in(block.text) for block in page.blocks)


@lru_cache(maxsize=4096)  # most blocks of a version stood in the one before it
def _words_in(text: str) -> int:
    return len(re.findall(_WORD, text))
