"""Where the document is on the page: step down to it, and keep what belongs to it beside it."""

from __future__ import annotations

import re
from itertools import islice, pairwise

from monitor.extract.chrome import CHROME_ROLES
from monitor.extract.names import CHROME, CONSENT, WEAK_CHROME, is_control, is_hidden, names_of
from monitor.extract.tree import HEADINGS, Node, Tree, is_main, reads_as_prose

# Step into a child only while it holds this share of the prose, so that sibling sections are all kept.
ENOUGH = 0.92
# Enough for an element that is named as the document, as those of policy generators are.
ENOUGH_IF_NAMED = 0.75
DOCUMENT = re.compile(
    r"(?:^|[-_ ])(?:iubenda|termly|getterms|enzuzo|legal|policy|policies|terms|tos|privacy)(?:[-_ ]|$)",
    re.IGNORECASE,
)
BRAND = re.compile(r"(?:^|[-_ ])(?:logo|brand|site-?(?:title|name))(?:[-_ ]|$)", re.IGNORECASE)
TITLE_WORD = re.compile(r"[^\W\d_]{4,}")
OPENING = 5000  # letters in which a document says its name
CONTAINERS = frozenset(
    "div main article section body form center table tbody tr td span font blockquote dialog details".split()
)
BESIDE = frozenset(("footer", "nav", "aside", "dialog", "form"))
FOOTER = 2000  # letters; what is larger holds more than a footer
MOST_TITLES = 5  # that are looked at
SENTENCE = 40  # letters
STOPS = (".", "!", "?", "。", "！", "？")


def find_body(tree: Tree, dated: list[int]) -> None:
    """Drop what stands beside the document, but not its title and the date since when it holds."""
    body = _step_down(tree)
    for line in _lines_around(tree, body, dated):
        rescue(tree, line)


def _step_down(tree: Tree) -> int:
    """The innermost element that holds nearly all the prose; what does not belong beside it is dropped."""
    nodes, prose = tree.nodes, _unlinked(tree.nodes)
    at = 0
    while True:
        children = [child for child in tree.children(at) if not nodes[child].dropped]
        best = max(children, key=prose.__getitem__, default=None)
        if best is None or not (nodes[best].name in CONTAINERS or "-" in nodes[best].name):
            return at
        dominant = prose[best] >= ENOUGH * prose[0]
        if not dominant and not (
            prose[best] >= ENOUGH_IF_NAMED * prose[0] and _leads_to_named(tree, best, prose)
        ):
            return at
        for child in children:
            heads_it = nodes[child].name in HEADINGS and child < best
            if child != best and not heads_it and not _belongs(tree, child, best, named=not dominant):
                nodes[child].dropped = True
        at = best


def _unlinked(nodes: list[Node]) -> list[int]:
    """The letters outside links and outside what is dropped, for every node."""
    counts = [0] * len(nodes)
    at = 0
    while at < len(nodes):
        counts[at] = 0 if nodes[at].name or nodes[at].dropped else nodes[at].size
        at = nodes[at].end if nodes[at].dropped else at + 1
    for position in range(len(nodes) - 1, 0, -1):
        if nodes[position].name == "a":
            counts[position] = 0
        counts[nodes[position].up] += counts[position]
    return counts


def _leads_to_named(tree: Tree, at: int, prose: list[int]) -> bool:
    """Whether this element, or one inside with nearly as much text, is named as the document."""
    enough = ENOUGH * prose[at]
    while True:
        if DOCUMENT.search(names_of(tree.nodes[at])):
            return True
        at = next(
            (child for child in tree.children(at) if prose[child] >= enough and tree.nodes[child].name), -1
        )
        if at < 0:
            return False


def _belongs(tree: Tree, at: int, body: int, *, named: bool) -> bool:
    """Whether something beside the bulk of the text reads like a part of it.

    Beside an element that is named as the document it must look like one, too: have headings, or
    the name, or the make of that element.
    """
    node, inside = tree.nodes[at], tree.nodes[at : tree.nodes[at].end]
    if not reads_as_prose(node) or WEAK_CHROME.search(names_of(node)):
        return False
    if any(is_control(inner) for inner in inside):
        return False
    if not named:
        return True
    alike = node.name == tree.nodes[body].name and names_of(node) == names_of(tree.nodes[body]) != ""
    return alike or any(inner.name in HEADINGS or DOCUMENT.search(names_of(inner)) for inner in inside)


def _lines_around(tree: Tree, body: int, dated: list[int]) -> list[int]:
    """The title, its lead and the dated lines before the body; if none is dated, the first below it."""
    nodes = tree.nodes
    titles = [] if _has_title(tree, body) else _titles(tree, body)
    leads = [at for title in titles for at in tree.children(nodes[title].up) if _is_lead(tree, at)]
    above = [*titles, *leads, *(at for at in dated if nodes[at].end <= body)]
    lines = [at for at in above if not _is_out_of_sight(tree, at)]
    below = [at for at in dated if at >= nodes[body].end and not _is_in_site_footer(tree, at)]
    within = any(body <= at < nodes[body].end for at in dated)
    return lines if within or any(at in dated for at in lines) else lines + below[:1]


def _titles(tree: Tree, body: int) -> list[int]:
    """The first heading of the first level above the body that is not the name of the site."""
    headings = (at for at in range(1, body) if tree.nodes[at].name == "h1" and tree.nodes[at].size)
    return [at for at in islice(headings, MOST_TITLES) if not _is_brand(tree, at, body)][:1]


def _is_lead(tree: Tree, at: int) -> bool:
    """Whether a paragraph beside a title is a sentence on the document."""
    node = tree.nodes[at]
    return node.name == "p" and not node.links and tree.text(at).endswith(STOPS) and node.size >= SENTENCE


def _is_brand(tree: Tree, at: int, body: int) -> bool:
    """Whether a title is the name of the site: by its own name, or in a header without a word of the text."""
    around = [*tree.ancestors(at)[:3], *range(at, tree.nodes[at].end)]
    if any(BRAND.search(names_of(tree.nodes[position])) for position in around):
        return True
    if not _is_in_site_header(tree, at):
        return False
    opening = _opening(tree, body)
    return not all(word in opening for word in TITLE_WORD.findall(tree.text(at).casefold()))


def _is_in_site_header(tree: Tree, at: int) -> bool:
    """Whether a title stands in the header of the whole site, or in something else beside the document."""
    around = [tree.nodes[up] for up in tree.ancestors(at) if tree.nodes[up].name != "body"]
    if any(node.name in BESIDE or node.attributes.get("role") in CHROME_ROLES for node in around):
        return True
    if any(map(is_main, around)):
        return False
    # the header of a site leads to its parts
    leading = [node for node in around if node.links]
    names = [names_of(node) for node in leading]
    return any(node.name == "header" for node in leading) or any(
        CHROME.search(name) or CONSENT.search(name) or WEAK_CHROME.search(name) for name in names
    )


def _is_in_site_footer(tree: Tree, at: int) -> bool:
    around = [tree.nodes[up] for up in tree.ancestors(at)]
    return _is_out_of_sight(tree, at) or any(
        node.name in BESIDE or node.attributes.get("role") in CHROME_ROLES or node.links > 3
        for node in around
        if node.size <= FOOTER
    )


def _opening(tree: Tree, body: int) -> str:
    """The beginning of the body's text."""
    parts, size = [], 0
    for node in tree.nodes[body : tree.nodes[body].end]:
        if size > OPENING:
            break
        parts.append(node.text)
        size += node.size
    return "".join(parts).casefold()


def _has_title(tree: Tree, body: int) -> bool:
    """Whether the body has a heading of the first level."""
    inside = range(body, tree.nodes[body].end)
    return any(tree.nodes[at].name == "h1" and not tree.nodes[at].dropped for at in inside)


def _is_out_of_sight(tree: Tree, at: int) -> bool:
    """Whether a line stands in something hidden, in a menu or in a link."""
    around = [tree.nodes[up] for up in tree.ancestors(at)]
    return any(
        is_hidden(node)
        or node.name in ("nav", "dialog", "a")
        or node.attributes.get("role") in ("navigation", "dialog", "menu")
        for node in around
    )


def rescue(tree: Tree, at: int) -> None:
    """Undo the dropping of one node: what was dropped around it is dropped piece by piece instead."""
    path = [*reversed(tree.ancestors(at)), at]
    around_was_dropped = False
    for outer, inner in pairwise(path):
        around_was_dropped |= tree.nodes[outer].dropped
        if around_was_dropped:
            tree.nodes[outer].dropped = False
            for child in tree.children(outer):
                tree.nodes[child].dropped = child != inner
    tree.nodes[at].dropped = False
