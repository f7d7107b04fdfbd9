"""What on a page is not the document: menus, banners, dialogs, hidden copies.

Every rule has a cap: the share of the page's text below which it may drop an element. A page that
hides its whole text until a script shows it, or wraps it in class="has-sidebar", is then kept whole.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlsplit

from monitor.extract.folds import Folds
from monitor.extract.names import CHROME, CONSENT, FRAME, WEAK_CHROME, is_control, is_hidden, names_of
from monitor.extract.tree import HEADINGS, Node, Tree, is_link, is_main, reads_as_prose


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


NEVER_TEXT = _set(
    "script style noscript svg iframe object canvas video audio map datalist input select option optgroup"
    " progress meter embed applet frameset frame picture head title meta link rp"
)
CAPS_OF_ELEMENTS = {
    "nav": 0.5,
    "dialog": 0.5,
    "footer": 0.4,
    "menu": 0.3,
    "search": 0.3,
    "textarea": 0.3,
    "button": 0.1,
}
CHROME_ROLES = _set(
    "navigation banner contentinfo dialog alertdialog alert status search menu menubar tooltip complementary"
    " toolbar listbox combobox doc-toc log progressbar"
)
BESIDE_MAIN = 1.0  # a menu beside a short document may be longer than it
LEAST_MAIN = 40  # letters
CAP_OF_ROLES = 0.5
FOOTNOTE_ROLES = _set("doc-footnote doc-endnote doc-endnotes")
CAP_OF_HIDDEN = 0.7
CAP_OF_NAMES = 0.25
CAP_OF_LINK_LISTS = 0.2
# Many small pieces must not add up. One name may drop this share of the prose; other documents, each in
# a tab that is not displayed, may be nearly all of it.
CAP_OF_A_NAME = 0.5
MOST_LOOKED_AT = 1000  # nodes of one element: hostile pages nest without end
LEAST_LEFT = 400  # letters of prose
NOT_DISPLAYED = "none"
NOT_VISIBLE = "visibility"  # as a script does until the reader scrolls to a section
WORD = re.compile(r"\w+")
RUNNING_TEXT = _set("p li td th dd dt blockquote")
STOPS = (".", "!", "?", ";", ":", "。", "！", "？", "；", "：")
LIST_LIKE = _set("ul ol dl div section p table")


def prune(tree: Tree, url: str, dated: list[int], panels: Collection[int] = ()) -> None:
    """Mark as dropped what is not the document; the root itself is never judged, and panels are kept."""
    rules = Rules(tree, urlsplit_safely(url)[0], dated, Folds(tree, panels))
    _prune(rules, 1, len(tree.nodes), main_end=0)
    while reason := rules.overdone():
        for at in rules.spare(reason):
            _prune(rules, at, tree.nodes[at].end, main_end=tree.end_of_main(at))


def _prune(rules: Rules, at: int, end: int, *, main_end: int) -> None:
    nodes = rules.tree.nodes
    while at < end:
        node = nodes[at]
        if node.name and not node.dropped:
            node.dropped = rules.drops(at, node, in_main=at < main_end)
            if is_main(node):
                main_end = max(main_end, node.end)
        at = node.end if node.dropped else at + 1


@dataclass
class Rules:
    """The rules for one page, with what they need to know of it as a whole."""

    tree: Tree
    host: str
    dated: list[int]  # the positions of the lines that say since when the document holds
    folds: Folds
    dropped: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))  # prose, by reason
    spared: set[str] = field(default_factory=set)  # the reasons that count no more

    def drops(self, at: int, node: Node, *, in_main: bool) -> bool:
        """Whether this element goes, all its text with it."""
        if node.name in NEVER_TEXT:
            return True
        if node.name == "button" and self._titles_a_clause(node):
            return False
        goes = node.size < max(1, self.tree.nodes[0].size) * self._cap(at, node, in_main=in_main)
        if goes and node.prose:
            self.dropped[self._reason(at, node)].append(at)
        return goes

    # --- what was dropped in sum ---

    def overdone(self) -> str:
        """The reason for which too much of the page's prose was dropped in many pieces, or ""."""
        sizes = {reason: self._prose(places) for reason, places in self.dropped.items()}
        whole = self.tree.nodes[0].prose
        left = whole - sum(sizes.values())
        reason = max(sizes.keys() - {""}, key=sizes.__getitem__, default="")
        if not reason or left < min(LEAST_LEFT, 0.1 * whole):
            return reason
        return reason if reason != NOT_DISPLAYED and sizes[reason] > CAP_OF_A_NAME * whole else ""

    def _prose(self, places: list[int]) -> int:
        return sum(self.tree.nodes[at].prose for at in places)

    def spare(self, reason: str) -> list[int]:
        """Let a reason count no more; the positions that had been dropped for it."""
        self.spared.add(reason)
        places = self.dropped.pop(reason)
        for at in places:
            self.tree.nodes[at].dropped = False
        return places

    def _reason(self, at: int, node: Node) -> str:
        """Why an element is dropped, where that is a name or style that a whole page may use; else ""."""
        if is_hidden(node):
            return NOT_VISIBLE if NOT_VISIBLE in (node.attributes.get("style") or "") else NOT_DISPLAYED
        named = self._chrome_name(at, node)
        return "" if CONSENT.search(names_of(node)) else named

    def _chrome_name(self, at: int, node: Node) -> str:
        """The name that tells that an element is never a part of the terms, "" if it has none."""
        names = names_of(node)
        found = CHROME.search(names) or CONSENT.search(names)
        if not found or (node.attributes.get("id") and self._is_named_by_heading(at, node)):
            return ""
        if reads_as_prose(node) and not CONSENT.search(names) and self._is_inert(at, node):
            return ""
        return found[0].strip("-_ ").lower()

    def _is_named_by_heading(self, at: int, node: Node) -> bool:
        """Whether the id that counts is only the wording of the element's own heading, as links to it use."""
        classes = node.attributes.get("class") or ""
        if CHROME.search(classes) or CONSENT.search(classes):
            return False
        inside = range(at, min(node.end, at + 12))
        heading = next((inner for inner in inside if self.tree.nodes[inner].name in HEADINGS), None)
        if heading is None or any(is_control(inner) for inner in self._nearest(at, node)):
            return False
        words = set(WORD.findall(self.tree.text(heading).lower()))
        return words.issuperset(WORD.findall(node.attributes["id"].lower()))

    # --- the rules ---

    def _cap(self, at: int, node: Node, *, in_main: bool) -> float:
        """The share of the page's text below which this element goes; 0 keeps it."""
        role = node.attributes.get("role") or ""
        if role in FOOTNOTE_ROLES:
            return 0
        if is_hidden(node) and self._reason(at, node) not in self.spared:
            if not self.folds.can_be_opened(at, node):
                return CAP_OF_HIDDEN
            if node.prose:
                return 0
        caps = [CAP_OF_ROLES if role in CHROME_ROLES else 0, self._cap_of_element(node, in_main=in_main)]
        if node.name not in ("main", "article"):
            caps.append(self._cap_of_names(at, node))
        if node.name in LIST_LIKE and node.links >= 4 and node.linked > 0.8 * node.size:
            caps.append(0 if self._is_list_of_references(at, node) else CAP_OF_LINK_LISTS)
        if node.name in LIST_LIKE and node.linked > 0.7 * node.size and self._is_teasers(at, node):
            caps.append(CAP_OF_LINK_LISTS)
        return max(caps)

    def _cap_of_element(self, node: Node, *, in_main: bool) -> float:
        if node.name in ("footer", "aside") and in_main and reads_as_prose(node):
            return 0
        if node.name == "aside" and in_main and not node.links and not node.prose:
            return 0  # a summary or a note beside a clause
        if node.name in ("nav", "footer") and not (in_main or node.prose) and self._has_main:
            return BESIDE_MAIN
        if node.name == "header":
            return 0 if in_main else 0.3
        if node.name == "form":
            return 0 if reads_as_prose(node) else 0.1
        return 0.4 if node.name == "aside" else CAPS_OF_ELEMENTS.get(node.name, 0)

    @cached_property
    def _has_main(self) -> bool:
        """Whether the page names its main part, and there is text in it."""
        return any(is_main(node) and node.size >= LEAST_MAIN for node in self.tree.nodes)

    def _cap_of_names(self, at: int, node: Node) -> float:
        names = names_of(node)
        if not names or not node.size:
            return 0
        if (name := self._chrome_name(at, node)) and name not in self.spared:
            return CAP_OF_NAMES
        if node.name in HEADINGS or reads_as_prose(node) or not (weak := WEAK_CHROME.search(names)):
            return 0
        if "header" in weak[0].lower() and self._is_title_bar(at, node):
            return 0
        if self._holds_date(at, node) or (self._reads_on(at, node) and self._is_inert(at, node)):
            return 0
        return CAP_OF_NAMES

    def _reads_on(self, at: int, node: Node) -> bool:
        """Whether a short text belongs to running text: by its element, or as a sentence in a box."""
        if node.name in RUNNING_TEXT:
            return True
        return not FRAME.search(names_of(node)) and self.tree.text(at).endswith(STOPS)

    def _is_inert(self, at: int, node: Node) -> bool:
        """Whether there is nothing to press in an element."""
        return not node.links and not any(is_control(inner) for inner in self._nearest(at, node))

    def _is_title_bar(self, at: int, node: Node) -> bool:
        """Whether the header of a section is meant: most of its text is a heading below the first level."""
        nearest = self._nearest(at, node)
        titles = sum(inner.size for inner in nearest if inner.name in HEADINGS and inner.name != "h1")
        return titles * 2 > node.size and node.linked * 2 < node.size

    def _nearest(self, at: int, node: Node) -> list[Node]:
        """An element and what is inside, so much of it as a rule looks at."""
        return self.tree.nodes[at : min(node.end, at + MOST_LOOKED_AT)]

    def _holds_date(self, at: int, node: Node) -> bool:
        """Whether the date since when the document holds stands in this element."""
        first = bisect_left(self.dated, at)
        return first < len(self.dated) and self.dated[first] < node.end

    # --- buttons ---

    def _titles_a_clause(self, node: Node) -> bool:
        """Whether a button is the title of a clause that it opens and closes."""
        around = self.tree.nodes[node.up]
        if around.name in HEADINGS or around.name in ("dt", "summary"):
            return around.size == node.size
        return not self.folds.prose_panels.isdisjoint((node.attributes.get("aria-controls") or "").split())

    # --- lists of links ---

    def _is_list_of_references(self, at: int, node: Node) -> bool:
        """Whether a list of links belongs to the text: a colon introduces it, or it leads to other sites."""
        targets = [
            urlsplit_safely(inner.attributes.get("href") or "")
            for inner in self._nearest(at, node)
            if is_link(inner)
        ]
        if all(not host and not path for host, path in targets):
            return False  # a table of contents
        abroad = sum(bool(host) and not _same_site(host, self.host) for host, _ in targets)
        return abroad * 2 > len(targets) or self._text_before(at).endswith((":", "："))

    def _is_teasers(self, at: int, node: Node) -> bool:
        """Whether links with headings of their own advertise other pages below the text."""
        if at * 2 < len(self.tree.nodes) or node.end - at > MOST_LOOKED_AT:
            return False
        inside = range(at, node.end)
        teasers = [
            n
            for n in inside
            if is_link(self.tree.nodes[n])
            and any(inner.name in HEADINGS for inner in self.tree.nodes[n : self.tree.nodes[n].end])
        ]
        return len(teasers) > 1

    def _text_before(self, at: int) -> str:
        while at > 0:
            at -= 1
            if not self.tree.nodes[at].name and self.tree.nodes[at].size:
                return self.tree.nodes[at].text.strip()
        return ""


def urlsplit_safely(url: str) -> tuple[str, str]:
    """The host and the path of a link; empty for one that leads nowhere else or cannot be read."""
    try:
        parts = urlsplit(url.strip())
        return parts.hostname or "", parts.path
    except ValueError:
        return "", ""


def _same_site(one: str, other: str) -> bool:
    return one.split(".")[-2:] == other.split(".")[-2:]
