"""Where the document is on the page: step down to it, and keep what belongs to it beside it."""

from __future__ import annotations

import re

from monitor.extract.tree import HEADINGS, Node, Tree

# Step into a child only while it holds this share of the prose, so that sibling sections are all kept.
ENOUGH = 0.92
# A line above the body that says since when the document holds.
DATED = re.compile(
    r"\b(?:effective|updated?|revised?|revision|modified|last\s+(?:change|modification|review)|as\s+of|in\s+force|version|published|posted|dated?"
    r"|stand|gültig|aktualisiert|geändert|mise\s+à\s+jour|en\s+vigueur|actualizad\w+|actualización|vigente|vigencia|vigor|aggiornat\w+|aggiornamento"
    r"|atualizad\w+|atualização|bijgewerkt|ingangsdatum|zaktualizowan\w+|obowiązuje)\b"
    r"|更新|生效|修订|修訂|发布|施行|改定|制定|최종|시행|개정|업데이트",
    re.IGNORECASE,
)
DATE = re.compile(r"\b(?:19|20)\d\d\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
DATE_LINE_LETTERS = 200


def find_body(tree: Tree) -> None:
    """Drop what stands beside the document, but not its title and the date since when it holds."""
    nodes = tree.nodes
    prose = _unlinked(nodes)
    at, enough = 0, prose[0]
    beside: list[int] = []
    while True:
        children = [child for child in tree.children(at) if not nodes[child].dropped]
        best = max(children, key=lambda child: prose[child], default=None)
        if best is None or not nodes[best].name or prose[best] < ENOUGH * enough:
            break
        for child in children:
            if child != best and not _belongs(nodes[child], prose[child]):
                nodes[child].dropped = True
                beside.append(child)
        at = best
    body = at
    for line in _lines_above(tree, body):
        rescue(tree, line)


def _unlinked(nodes: list[Node]) -> list[int]:
    """The letters outside links and outside what is dropped, for every node."""
    counts = [0] * len(nodes)
    at = 0
    while at < len(nodes):
        if nodes[at].dropped:
            at = nodes[at].end
            continue
        if not nodes[at].name:
            counts[at] = nodes[at].size
        at += 1
    for position in range(len(nodes) - 1, 0, -1):
        if nodes[position].name == "a":
            counts[position] = 0
        counts[nodes[position].up] += counts[position]
    return counts


def _belongs(node: Node, unlinked: int) -> bool:
    """Whether something beside the bulk of the text reads like a part of it."""
    return node.prose * 2 >= node.size and unlinked > 0


def _lines_above(tree: Tree, body: int) -> list[int]:
    """The first title and the dated lines before the body that were dropped with their surroundings."""
    found: list[int] = []
    titled = any(node.name == "h1" and not node.dropped for node in tree.nodes[body : tree.nodes[body].end])
    for at in range(1, body):
        node = tree.nodes[at]
        if node.name == "h1" and not titled and node.size:
            found.append(at)
            titled = True
        elif (
            not node.name
            and node.size < DATE_LINE_LETTERS
            and DATED.search(node.text)
            and DATE.search(node.text)
        ):
            found.append(at)
    return found


def rescue(tree: Tree, at: int) -> None:
    """Undo the dropping of one node: what was dropped around it is dropped piece by piece instead."""
    path = [at, *tree.ancestors(at)]
    for inner, outer in zip(path, path[1:], strict=False):
        around = tree.nodes[outer]
        if not around.dropped:
            continue
        around.dropped = False
        for child in tree.children(outer):
            tree.nodes[child].dropped = child != inner
    tree.nodes[at].dropped = False
