"""Rows of data tables and of definition lists; tables that only lay a page out have none."""

from __future__ import annotations

from monitor.extract.plain import row
from monitor.extract.tree import BLOCK, HEADINGS, Node, Tree
from monitor.model import Block

LONGEST_ROW = 3000  # letters; a row that holds this and most of the table is a page layout
MOST_SPANNED = 30  # hostile spans are cut off here
LONGEST_TERM, LONGEST_DEFINITION = 150, 400
CELLS = ("td", "th")


def rows(tree: Tree, at: int) -> list[Block]:
    """The rows of the data table or simple definition list at this position; none for anything else."""
    node = tree.nodes[at]
    if node.name == "table" and _is_data(tree, at):
        return _table(tree, at)
    if node.name == "dl" and _is_simple(tree, at):
        return _definitions(tree, at)
    return []


def _is_data(tree: Tree, at: int) -> bool:
    """Whether a table holds data: rows of several cells, no headings or tables inside, no row as a page."""
    table = tree.nodes[at]
    if table.attributes.get("role") in ("presentation", "none"):
        return False
    inside = tree.nodes[at + 1 : table.end]
    if any(node.name in HEADINGS or node.name == "table" for node in inside if not node.dropped):
        return False
    lines = [tree.nodes[line].size for line in _lines(tree, at)]
    wide = any(len(_cells(tree, line)) > 1 for line in _lines(tree, at))
    titled = any(node.name == "th" for node in inside)
    biggest = max(lines, default=0)
    return wide and (len(lines) > 1 or titled) and not biggest > max(LONGEST_ROW, 0.6 * table.size)


def _lines(tree: Tree, at: int) -> list[int]:
    """The positions of the rows of a table that holds no other table."""
    return [n for n in range(at + 1, tree.nodes[at].end) if tree.nodes[n].name == "tr"]


def _cells(tree: Tree, line: int) -> list[int]:
    children = (child for child in tree.children(line) if tree.nodes[child].name in CELLS)
    return [cell for cell in children if not tree.nodes[cell].dropped]


def _table(tree: Tree, at: int) -> list[Block]:
    written: list[Block] = []
    headers: tuple[str, ...] = ()
    spanned: dict[int, int] = {}
    for child in tree.children(at):
        if tree.nodes[child].name == "caption" and (caption := cell_text(tree, child)):
            written.append(row((caption,)))
    for line in _lines(tree, at):
        cells = _aligned(tree, _cells(tree, line), spanned)
        if not any(cells):
            continue
        if not written and _titles(tree, line) and len(cells) > 1:
            written.append(row(cells))
            headers = cells
        else:
            written.append(row(cells, headers))
    return written


def _titles(tree: Tree, line: int) -> bool:
    """Whether a row names the columns."""
    in_head = any(tree.nodes[up].name == "thead" for up in tree.ancestors(line)[:2])
    return in_head or all(tree.nodes[cell].name == "th" for cell in _cells(tree, line))


def _aligned(tree: Tree, cells: list[int], spanned: dict[int, int]) -> tuple[str, ...]:
    """The texts of a row's cells under their columns; what spans from elsewhere is left empty.

    `spanned` counts per column the rows below that a cell still covers; it is brought up to date.
    """
    texts: list[str] = []
    for cell in cells:
        while spanned.get(len(texts), 0) > 0:
            spanned[len(texts)] -= 1
            texts.append("")
        node = tree.nodes[cell]
        width = _span(node, "colspan") if len(cells) > 1 else 1
        for column in range(len(texts), len(texts) + width):
            spanned[column] = _span(node, "rowspan") - 1
        texts += [cell_text(tree, cell)] + [""] * (width - 1)
    for column in [c for c, left in spanned.items() if c >= len(texts) and left > 0 and cells]:
        spanned[column] -= 1
    return tuple(texts)


def _span(node: Node, name: str) -> int:
    text = node.attributes.get(name) or "1"
    return min(MOST_SPANNED, max(1, int(text))) if text.isascii() and text.isdigit() and len(text) < 5 else 1


def cell_text(tree: Tree, at: int) -> str:
    """What a cell says in one line, with a space where a block or a <br> parts words."""
    parts: list[str] = []
    position = at + 1
    ends: list[int] = []
    while position < tree.nodes[at].end:
        while ends and ends[-1] <= position:
            ends.pop()
            parts.append(" ")
        node = tree.nodes[position]
        if node.dropped:
            position = node.end
            continue
        if not node.name:
            parts.append(node.text)
        elif node.name == "br":
            parts.append(" ")
        elif node.name in BLOCK:
            parts.append(" ")
            ends.append(node.end)
        position += 1
    return " ".join("".join(parts).split())


def _is_simple(tree: Tree, at: int) -> bool:
    """Whether every term and definition of a list is a single short line."""
    inside = [node for node in tree.nodes[at + 1 : tree.nodes[at].end] if not node.dropped]
    return all(
        node.name not in BLOCK
        or (node.name == "dt" and node.size <= LONGEST_TERM)
        or (node.name == "dd" and node.size <= LONGEST_DEFINITION)
        or node.name == "div"
        for node in inside
    ) and any(node.name == "dt" for node in inside)


def _definitions(tree: Tree, at: int) -> list[Block]:
    """A row for each term with its definitions."""
    lines: list[list[str]] = []
    previous = ""
    for position in range(at + 1, tree.nodes[at].end):
        name = tree.nodes[position].name
        if name not in ("dt", "dd") or tree.nodes[position].dropped:
            continue
        text = cell_text(tree, position)
        if lines and (name == "dd" or previous == "dt"):
            lines[-1].append(text)
        else:
            lines.append([text])
        previous = name
    return [row(cells) for cells in lines if any(cells)]
