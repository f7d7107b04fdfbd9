"""The parsed page as a flat list in document order, with text lengths counted in one bottom-up pass."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

# Elements that begin and end a line; anything else flows inside one.
NAMES_OF_BLOCKS = """
    address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol
    optgroup option p pre search section select summary table tbody td tfoot th thead tr ul
"""
BLOCK = frozenset(NAMES_OF_BLOCKS.split())
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
# A line of this many letters is prose rather than a label or a menu entry.
PROSE = 80
LONGEST_WORD = 30  # a long text whose words are longer on average is data, not language
# Chinese, Japanese and Korean say in one character what takes three Latin letters.
WIDE = re.compile("[\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff]")


NO_ATTRIBUTES: Mapping[str, str] = {}


@dataclass(slots=True)
class Node:
    """An element or a text; its descendants are the nodes up to `end`."""

    name: str  # "" for a text
    text: str
    attributes: Mapping[str, str]
    up: int
    end: int = 0
    size: int = 0  # letters of text inside
    linked: int = 0  # of those, inside links
    links: int = 0  # links inside
    prose: int = 0  # letters of text in lines long enough to be sentences, links aside
    dropped: bool = False


@dataclass(slots=True)
class Line:
    """The run of text between two line breaks, as measured."""

    owner: int = 0
    size: int = 0
    linked: int = 0


@dataclass(slots=True)
class Tree:
    """A flattened element; `nodes[0]` is the element itself."""

    nodes: list[Node] = field(default_factory=list)

    def children(self, at: int) -> list[int]:
        """The positions of the children of a node."""
        found, child, end = [], at + 1, self.nodes[at].end
        while child < end:
            found.append(child)
            child = self.nodes[child].end
        return found

    def before(self, at: int) -> int | None:
        """The position of the nearest earlier sibling with text, None if there is none."""
        up, sibling = self.nodes[at].up, at
        while sibling - 1 > up:
            sibling -= 1
            while self.nodes[sibling].up != up:
                sibling = self.nodes[sibling].up
            if self.nodes[sibling].size:
                return sibling
        return None

    def after(self, at: int) -> int:
        """The position of the next sibling that is more than white space, else of the node itself."""
        sibling, end = self.nodes[at].end, self.nodes[self.nodes[at].up].end
        while sibling < end and not self.nodes[sibling].size:
            sibling = self.nodes[sibling].end
        return sibling if sibling < end else at

    def ancestors(self, at: int) -> list[int]:
        """The positions of the elements around a node, nearest first."""
        found, up = [], self.nodes[at].up
        while up >= 0:
            found.append(up)
            up = self.nodes[up].up
        return found

    def first(self, name: str, within: int = 0) -> int | None:
        """The position of the first element of this name in another, None if there is none."""
        inside = range(within + 1, self.nodes[within].end)
        return next((at for at in inside if self.nodes[at].name == name), None)

    def part(self, at: int) -> Tree:
        """The tree of one element; this tree must not be used any more."""
        if at == 0:
            return self
        nodes = self.nodes[at : self.nodes[at].end]
        for node in nodes:
            node.up -= at
            node.end -= at
        nodes[0].up = -1
        return Tree(nodes)

    def end_of_main(self, at: int) -> int:
        """Where the main part around a node ends; 0 if it stands in none."""
        around = (self.nodes[up] for up in self.ancestors(at))
        return max((node.end for node in around if is_main(node)), default=0)

    def text(self, at: int) -> str:
        """The text of a node and its descendants, white space collapsed, nothing put between elements."""
        return " ".join("".join(node.text for node in self.nodes[at : self.nodes[at].end]).split())


def letters(text: str) -> int:
    """The length of a text without outer white space; a wide character counts three, data nothing."""
    text = text.strip()
    size = len(text)
    if not text.isascii() and (wide := WIDE.findall(text)):
        return size + 2 * len(wide)
    return size if size < PROSE or len(text.split()) * LONGEST_WORD > size else 0


def reads_as_prose(node: Node) -> bool:
    """Whether half of an element's text is sentences outside links."""
    return node.prose * 2 >= node.size > 0


def is_main(node: Node) -> bool:
    """Whether the page names this element as its main part."""
    return node.name in ("main", "article") or node.attributes.get("role") == "main"


def is_link(node: Node) -> bool:
    """Whether this element leads somewhere; a named anchor does not."""
    return node.name == "a" and "href" in node.attributes


def measured(tree: Tree) -> Tree:
    """The tree with its figures counted."""
    _measure_lines(tree.nodes)
    _measure_elements(tree.nodes)
    return tree


def _measure_lines(nodes: list[Node]) -> None:
    """Credit each line that reads like a sentence to the element that holds it."""
    line, link_end = Line(), 0
    open_blocks: list[Node] = []
    for at, node in enumerate(nodes):
        while open_blocks and open_blocks[-1].end <= at:
            _credit(nodes, line, max(0, open_blocks.pop().up))
        if not node.name:
            line.size += node.size
            line.linked += node.size if at < link_end else 0
        elif node.name in BLOCK:
            _credit(nodes, line, at)
            open_blocks.append(node)
        elif is_link(node):
            link_end = max(link_end, node.end)
    _credit(nodes, line, 0)


def _credit(nodes: list[Node], line: Line, next_owner: int) -> None:
    if line.size >= PROSE and line.linked * 2 < line.size:
        nodes[line.owner].prose += line.size - line.linked
    line.owner, line.size, line.linked = next_owner, 0, 0


def _measure_elements(nodes: list[Node]) -> None:
    """Add every node's figures to the element around it, from the last to the first."""
    for node in reversed(nodes):
        if is_link(node):
            node.linked, node.links = node.size, node.links + 1
        if node.up < 0:
            continue
        around = nodes[node.up]
        around.size += node.size
        around.linked += node.linked
        around.links += node.links
        around.prose += node.prose
