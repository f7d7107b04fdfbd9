"""What stands from one place of a page to another, put into elements of its own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement

from monitor.model import Range


def gathered(soup: BeautifulSoup, wanted: Range) -> list[Tag]:
    """The range as new elements in the document, each with neighbours that are wholly in it.

    Empty where one of its ends is not there, or they stand the wrong way round. SelectorSyntaxError for
    what is no selector.
    """
    start = soup.select_one(wanted.start)
    ends = soup.select(wanted.end)
    first = start and (_behind(start) if wanted.after_start else start)
    if first is None:
        return []
    ahead = {id(node) for node in chain((first,), first.next_elements)}
    end = next((tag for tag in ends if id(tag) in ahead and (wanted.after_end or tag is not first)), None)
    if end is None:
        return []
    runs = list(_runs(first, _behind(end) if wanted.after_end else end))
    return [_wrapped(soup, run) for run in runs]


def _behind(node: PageElement) -> PageElement | None:
    """What comes after a node with all that is in it; None at the end of the document."""
    around: PageElement | None = node
    while around is not None and around.next_sibling is None:
        around = around.parent
    return around.next_sibling if around is not None else None


def _runs(first: PageElement, stop: PageElement | None) -> Iterator[list[PageElement]]:
    """Neighbours that stand before `stop` with all that is in them, run by run."""
    around = {id(parent) for parent in stop.parents} if stop else set[int]()
    run: list[PageElement] = []
    node: PageElement | None = first
    while node is not None and node is not stop:
        if isinstance(node, Tag) and id(node) in around:
            node = node.contents[0]
            continue
        if run and run[-1].next_sibling is not node:
            yield run
            run = []
        run.append(node)
        node = _behind(node)
    if run:
        yield run


def _wrapped(soup: BeautifulSoup, run: list[PageElement]) -> Tag:
    around = soup.new_tag("div")
    run[0].insert_before(around)
    for node in run:
        around.append(node.extract())
    return around
