"""HTML to a flat tree: Beautiful Soup's lxml builder reads, and what it tells of is listed as it comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bs4 import BeautifulSoup, Tag
from bs4.builder import LXMLTreeBuilder  # type: ignore[attr-defined]  # added to the module at run time
from bs4.element import PageElement, PreformattedString

from monitor.extract.tree import NO_ATTRIBUTES, Node, Tree, letters, measured

DOCUMENT = "[document]"  # the name of what holds everything, as Beautiful Soup calls it
SPACES = " \n\t\f\r"
PRESERVING = frozenset(("pre", "textarea"))
OF_HEADS = frozenset(
    (
        "base",
        "basefont",
        "bgsound",
        "link",
        "meta",
        "noframes",
        "noscript",
        "script",
        "style",
        "template",
        "title",
    )
)
"""What a head may hold; anything else in one means that its end and the body's start were left out."""


def listed(markup: str) -> Tree:
    """The whole document, with `[document]` as its root, not yet measured."""
    builder = ListBuilder()
    BeautifulSoup(_parsable(markup), builder=builder)
    return Tree(builder.close_all())


def parsed(markup: str) -> BeautifulSoup:
    """The document as Beautiful Soup's own tree, for selectors; `class` is one string."""
    return BeautifulSoup(_parsable(markup), builder=TagBuilder(multi_valued_attributes=None))


def body_of(document: Tree) -> Tree:
    """The body, not measured; the document must not be used any more.

    Tags may be left out: what stands in the head and is of no head, and what comes behind the end of a
    body, is of the body. The parser leaves both where they stand.
    """
    pieces = list(_of_body(document, 0))
    body = document.first("body")
    if body is None and document.first("html") is None:
        return document
    if body is not None and all(body < at < document.nodes[body].end for at in pieces):
        return document.part(body)
    found = [Node("body", "", document.nodes[body].attributes if body else NO_ATTRIBUTES, -1)]
    for at in pieces:
        shift = len(found) - at
        for node in document.nodes[at : document.nodes[at].end]:
            node.up = 0 if node is document.nodes[at] else node.up + shift
            node.end += shift
            found.append(node)
    found[0].end = len(found)
    return Tree(found)


def _of_body(document: Tree, around: int) -> Iterator[int]:
    """The positions of the elements and texts that are the body's own."""
    started = False
    for at in document.children(around):
        name = document.nodes[at].name
        if name in ("html", "head", "body"):
            yield from _of_body(document, at)
        elif document.nodes[around].name == "head":
            started = started or (name not in OF_HEADS and bool(name))
            if started:
                yield at
        elif name or document.nodes[at].size or document.nodes[around].name == "body":
            yield at


def flatten(root: Tag) -> Tree:
    """The element and all below it, measured."""
    return measured(flat(root))


def flat(root: Tag) -> Tree:
    """The element and all below it, not yet measured.

    One loop along the parser's own chain of elements: hostile pages nest tens of thousands deep.
    """
    builder = ListBuilder()
    builder.nodes[0] = Node(root.name, "", root.attrs, -1)  # type: ignore[arg-type]  # class is one string
    around: list[Tag] = [root]
    item: PageElement | None = root.contents[0] if root.contents else None
    end = _first_after(root)
    while item is not None and item is not end:
        while around[-1] is not item.parent:
            builder.end(around.pop().name)
        if isinstance(item, Tag):
            builder.start(item.name, item.attrs)  # type: ignore[arg-type]  # as above
            around.append(item)
        elif not isinstance(item, PreformattedString):
            builder.data(str(item))
            builder.end_text()
        item = item.next_element
    return Tree(builder.close_all())


def _parsable(markup: str) -> str:
    # Beautiful Soup warns about a text without a tag that it could be a file name.
    return markup if "<" in markup else f"<p>{markup}"


def _first_after(root: Tag) -> PageElement | None:
    """What follows an element and all below it in the document."""
    last: PageElement = root
    while isinstance(last, Tag) and last.contents:
        last = last.contents[-1]
    return last.next_element


class TagBuilder(LXMLTreeBuilder):  # type: ignore[misc]  # as above
    """Beautiful Soup's lxml builder less its handling of namespaces, which HTML has none of."""

    def start(self, tag: str, attrib: Mapping[str, str], nsmap: object = None) -> None:
        assert self.soup is not None
        self.soup.handle_starttag(tag, None, None, self.attribute_dict_class(attrib))

    def end(self, tag: str) -> None:
        assert self.soup is not None
        self.soup.handle_endtag(tag)


class ListBuilder(LXMLTreeBuilder):  # type: ignore[misc]  # as above
    """Lists elements and texts in document order instead of making an object of Beautiful Soup of each.

    The tree is the one that Beautiful Soup would make, for a third of the cost of making and walking it
    (docs/decisions/0004-no-objects-for-elements.md).
    """

    def __init__(self) -> None:
        super().__init__()
        self.reset()

    def reset(self) -> None:
        """Forget what was listed."""
        self.nodes = [Node(DOCUMENT, "", NO_ATTRIBUTES, -1)]
        self.open = [0]  # the positions of the open elements
        self.pieces: list[str] = []  # of the text being read
        self.preserving = 0  # open elements in which white space counts

    def start(self, tag: str, attrib: Mapping[str, str]) -> None:
        """Called by the parser where an element begins."""
        if self.pieces:
            self.end_text()
        around = self.open[-1]
        self.open.append(len(self.nodes))
        self.nodes.append(Node(tag, "", attrib or NO_ATTRIBUTES, around))
        if tag in PRESERVING:
            self.preserving += 1

    def end(self, tag: str) -> None:
        """Called where an element ends; ends those that were left open inside, too."""
        if self.pieces:
            self.end_text()
        nodes, still_open = self.nodes, self.open
        if nodes[still_open[-1]].name != tag and all(nodes[at].name != tag for at in still_open[1:]):
            return
        while len(still_open) > 1:
            closed = nodes[still_open.pop()]
            closed.end = len(nodes)
            if closed.name in PRESERVING:
                self.preserving -= 1
            if closed.name == tag:
                return

    def data(self, data: str) -> None:
        """Called with text, in pieces of any size."""
        self.pieces.append(data)

    def end_text(self) -> None:
        """List the text that has been read; white space between elements is shortened."""
        text = "".join(self.pieces)
        self.pieces.clear()
        size = 0
        if not text.isspace():
            size = letters(text)
        elif not self.preserving and not text.strip(SPACES):
            text = "\n" if "\n" in text else " "
        self.nodes.append(Node("", text, NO_ATTRIBUTES, self.open[-1], len(self.nodes) + 1, size))

    def comment(self, text: str) -> None:
        """Called with what is no text: it only parts the texts around it."""
        if self.pieces:
            self.end_text()

    def pi(self, target: str, data: str) -> None:
        """As `comment`."""
        self.comment(data)

    def doctype(self, name: str, pubid: str, system: str) -> None:
        """As `comment`."""
        self.comment(name)

    def close_all(self) -> list[Node]:
        """What was listed; elements that are still open end here."""
        if self.pieces:
            self.end_text()
        for at in self.open:
            self.nodes[at].end = len(self.nodes)
        return self.nodes
