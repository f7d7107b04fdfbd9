"""Names as people type them: which one was meant, and how an id is written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def nearest(word: str, names: Collection[str]) -> str:
    """The name that someone who wrote this word most likely meant, or ""."""
    plain = word.lower()
    limit = max(1, len(word) // 3)
    alike = [name for name in names if abs(len(name) - len(word)) <= limit]
    ranked = sorted((distance(plain, name.lower()), name) for name in alike)
    if ranked and ranked[0][0] <= limit:
        return ranked[0][1]
    begun = (name for name in sorted(names) if name.startswith(plain) or plain.startswith(name))
    return next(begun, "") if len(plain) > 2 else ""


def did_you_mean(word: str, names: Collection[str], otherwise: str) -> str:
    """The remedy for a name that is not known."""
    near = nearest(word, names)
    return f'did you mean "{near}"?' if near else otherwise


def slug_like(name: str) -> str:
    """A name as an id: "Terms (EU)" becomes "terms-eu", "Café" becomes "cafe"."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter)
    )
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower())) or "some-name"


def is_slug(name: str) -> bool:
    """Whether a name can be an id: lower-case letters, digits and single hyphens."""
    return _SLUG.fullmatch(name) is not None


def distance(left: str, right: str) -> int:
    """How many letters to add, drop, change or swap with their neighbour make one word the other."""
    above: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left):
        higher, above, row = above, row, [i + 1]
        for j, b in enumerate(right):
            step = min(above[j] + (a != b), above[j + 1] + 1, row[j] + 1)
            if i and j and a == right[j - 1] and left[i - 1] == b:
                step = min(step, higher[j - 1] + 1)
            row.append(step)
    return row[-1]
