"""Tabs: the label of each becomes the title of the panel that it opens."""

from __future__ import annotations

from monitor.extract.tree import HEADINGS, PROSE, Tree

LONGEST_LABEL = 100  # letters
MOST_INSIDE = 60  # nodes of a tab
# The attributes by which a tab names its panel, with a leading # or without.
TARGETS = ("aria-controls", "data-bs-target", "data-target", "href")


def titled_panels(tree: Tree) -> dict[int, str]:
    """The positions of the panels with prose that tabs open, each with its tab's label; the tabs are dropped.

    Tabs that are headings themselves, as those of accordions are, stay where they are.
    """
    tabs = [
        at
        for at, node in enumerate(tree.nodes)
        if node.attributes.get("role") == "tab" and 0 < node.size <= LONGEST_LABEL
    ]
    if not tabs:
        return {}
    panels = _named(tree, tabs) or _in_order(tree, tabs)
    titled = {}
    for tab, panel in panels.items():
        if tree.nodes[panel].prose >= PROSE and not _is_heading(tree, tab):
            titled[panel] = tree.text(tab)
            tree.nodes[tab].dropped = True
    return titled


def _named(tree: Tree, tabs: list[int]) -> dict[int, int]:
    """Each tab's panel, as one names the other."""
    places = {node.attributes["id"]: at for at, node in enumerate(tree.nodes) if "id" in node.attributes}
    labelled = {
        node.attributes["aria-labelledby"]: at
        for at, node in enumerate(tree.nodes)
        if node.attributes.get("role") == "tabpanel" and "aria-labelledby" in node.attributes
    }
    found = {}
    for tab in tabs:
        attributes = tree.nodes[tab].attributes
        named = [places.get((attributes.get(name) or "").lstrip("#"), -1) for name in TARGETS]
        named.append(labelled.get(attributes.get("id") or "", -1))
        panel = next((at for at in named if at >= 0), -1)
        if panel > tab or (panel >= 0 and tree.nodes[panel].end <= tab):
            found[tab] = panel
    return found


def _in_order(tree: Tree, tabs: list[int]) -> dict[int, int]:
    """Each tab's panel, where there are as many panels as tabs."""
    panels = [at for at, node in enumerate(tree.nodes) if node.attributes.get("role") == "tabpanel"]
    return dict(zip(tabs, panels, strict=True)) if len(panels) == len(tabs) else {}


def _is_heading(tree: Tree, tab: int) -> bool:
    around = (*tree.ancestors(tab)[:2], *range(tab, min(tree.nodes[tab].end, tab + MOST_INSIDE)))
    return any(tree.nodes[at].name in HEADINGS for at in around)
