"""Hidden text that a reader can unfold, beside hidden text that is something else."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property

from monitor.extract.names import is_control, is_hidden
from monitor.extract.tree import HEADINGS, PROSE, Node, Tree, reads_as_prose

# React ships streamed parts of a page as <div hidden id="S:0">; a script moves them into view.
STREAMED = re.compile(r"[SB]:[0-9a-f]+")
COLLAPSED = re.compile(
    r"(?:^|[-_ ])(?:accordion|collaps(?:e|ed|ible)|expand(?:er|able)?|toggle|panel|disclosure|faq)",
    re.IGNORECASE,
)
MENU_LIKE = frozenset(("nav", "header", "footer", "menu"))
LONGEST_LABEL = 40  # letters on a button


@dataclass
class Folds:
    """What of one page is folded up."""

    tree: Tree
    panels: Collection[int]  # the positions of what tabs open
    shown: dict[int, list[Node]] = field(default_factory=dict)

    def can_be_opened(self, at: int, node: Node) -> bool:
        """Whether a reader can unfold this hidden text, or a script is about to show it."""
        identity = node.attributes.get("id") or ""
        if STREAMED.fullmatch(identity) or at in self.panels:
            return True
        if not _is_prose(node) or node.attributes.get("role") in ("dialog", "alertdialog"):
            return False
        if self._stands_in_for(at, node):
            return False
        role = node.attributes.get("role") or ""
        names = node.attributes.get("class") or ""
        if identity in self._controlled or role in ("tabpanel", "region") or COLLAPSED.search(names):
            return True
        return at in self._unfolded or self._continues_above(at, node)

    @cached_property
    def _unfolded(self) -> frozenset[int]:
        """The hidden texts of which each follows a short title in sight, as in an accordion by hand."""
        alike: dict[tuple[str, str], list[int]] = defaultdict(list)
        for at, node in enumerate(self.tree.nodes):
            if node.prose and is_hidden(node) and self._follows_title(at, node):
                alike[node.name, node.attributes.get("class") or ""].append(at)
        return frozenset(at for places in alike.values() if len(places) > 1 for at in places)

    def _follows_title(self, at: int, node: Node) -> bool:
        above = self.tree.before(at)
        title = self.tree.nodes[above] if above is not None else node
        return not (title.prose or title.links > 1 or is_hidden(title))

    def _continues_above(self, at: int, node: Node) -> bool:
        """Whether a hidden end of a text is followed by what shows it, as with "Read more"."""
        after = self.tree.nodes[self.tree.after(at)]
        return (
            0 < after.size <= LONGEST_LABEL
            and (is_control(after) or _leads_nowhere(after))
            and self.tree.nodes[node.up].prose > node.prose
        )

    def _stands_in_for(self, at: int, node: Node) -> bool:
        """Whether a sibling of the same make is shown in its place, as with tabs, and no title opens it."""
        above = self.tree.before(at)
        if above is not None and _is_title(self.tree, above):
            return False
        return any(self._is_alike(sibling, node) for sibling in self._shown_inside(node.up))

    def _shown_inside(self, at: int) -> list[Node]:
        """The children of an element that are in sight and read as prose."""
        if at not in self.shown:
            children = (self.tree.nodes[child] for child in self.tree.children(at))
            self.shown[at] = [child for child in children if reads_as_prose(child) and not is_hidden(child)]
        return self.shown[at]

    def _is_alike(self, one: Node, other: Node) -> bool:
        shared = set((one.attributes.get("class") or "").split()) & set(
            (other.attributes.get("class") or "").split()
        )
        return one.name == other.name and bool(shared or one.attributes.get("role") == "tabpanel")

    @cached_property
    def _controlled(self) -> frozenset[str]:
        """The ids of what the buttons outside of menus open and close."""
        controls = (node for node in self.tree.nodes if "aria-controls" in node.attributes)
        return frozenset(
            target
            for node in controls
            if not self._is_in_menu(node)
            for target in (node.attributes.get("aria-controls") or "").split()
        )

    def _is_in_menu(self, node: Node) -> bool:
        while node.up >= 0:
            node = self.tree.nodes[node.up]
            if node.name in MENU_LIKE or node.attributes.get("role") in ("navigation", "banner"):
                return True
        return False

    @cached_property
    def prose_panels(self) -> frozenset[str]:
        """The ids of those among them that hold prose."""
        identified = (
            (node.attributes.get("id") or "", node) for node in self.tree.nodes if "id" in node.attributes
        )
        return frozenset(
            identity for identity, node in identified if identity in self._controlled and reads_as_prose(node)
        )


def _is_prose(node: Node) -> bool:
    """As `reads_as_prose`, and for a part of a paragraph."""
    return reads_as_prose(node) or (node.name == "span" and node.size >= PROSE and node.links == 0)


def _is_title(tree: Tree, at: int) -> bool:
    """Whether an element is the title of what follows: a heading, a term, or a button that opens it."""
    inside = tree.nodes[at : tree.nodes[at].end]
    return tree.nodes[at].size < 300 and any(
        node.name in HEADINGS
        or node.name in ("dt", "summary", "button")
        or not node.attributes.keys().isdisjoint(("aria-controls", "aria-expanded"))
        for node in inside
    )


def _leads_nowhere(node: Node) -> bool:
    """Whether a link only starts a script."""
    href = node.attributes.get("href") or ""
    return node.name == "a" and (href in ("", "#") or href.startswith("javascript:"))
