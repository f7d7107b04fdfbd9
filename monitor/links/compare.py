"""Which links of a text changed their target or their words, on demand: never a change of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitor.links.addresses import normal
from monitor.model import Link, Page


@dataclass(frozen=True)
class LinkChange:
    """A link that came (no `before`), went (no `after`), or has another target or other words."""

    before: Link | None
    after: Link | None

    @property
    def kind(self) -> str:
        if self.before is None or self.after is None:
            return "removed" if self.before else "added"
        return "other target" if self.before.text == self.after.text else "other words"


def compare(before: Page, after: Page) -> tuple[LinkChange, ...]:
    """The links that differ between two pages; spellings of one address and tracking do not count."""
    old, new = _only(before, after), _only(after, before)
    found = [*_paired(old, new, by_text=True), *_paired(old, new, by_text=False)]
    found += [LinkChange(link, None) for link in old]
    found += [LinkChange(None, link) for link in new]
    return tuple(found)


def _only(page: Page, other: Page) -> list[Link]:
    """The links of a page that the other does not have."""
    there = set(map(_key, _links(other)))
    return list({_key(link): link for link in _links(page) if _key(link) not in there}.values())


def _links(page: Page) -> Iterable[Link]:
    return (*page.links, *page.elsewhere)


def _key(link: Link) -> tuple[str, str]:
    return link.text, normal(link.url) or link.url


def _paired(old: list[Link], new: list[Link], *, by_text: bool) -> Iterator[LinkChange]:
    """Pair what is left on both sides in order, by words or else by target; what is paired is taken out."""
    side = 0 if by_text else 1
    waiting: dict[str, list[Link]] = {}
    for link in new:
        waiting.setdefault(_key(link)[side], []).append(link)
    for link in tuple(old):
        if alike := waiting.get(_key(link)[side]):
            other = alike.pop(0)
            old.remove(link)
            new.remove(other)
            yield LinkChange(link, other)
