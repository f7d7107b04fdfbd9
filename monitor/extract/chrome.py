"""What on a page is not the document: menus, banners, dialogs, hidden copies.

Every rule has a cap: the share of the page's text below which it may drop an element. A page that
hides its whole text until a script shows it, or wraps it in class="has-sidebar", is then kept whole.
"""

from __future__ import annotations

import re

from monitor.extract.tree import HEADINGS, Node, Tree

NEVER_TEXT = frozenset(
    "script style noscript svg math-template iframe object canvas video audio map datalist input select option "
    "optgroup progress meter embed applet frameset frame picture head title meta link rp".split()
) - {"math-template"}
SHARES_OF_ELEMENTS = {
    "nav": 0.5,
    "dialog": 0.5,
    "menu": 0.3,
    "search": 0.3,
    "textarea": 0.3,
    "button": 0.1,
    "footer": 0.4,
}
SHARES_OF_ROLES = dict.fromkeys(
    (
        "navigation", "banner", "contentinfo", "dialog", "alertdialog", "alert", "status", "search", "menu", "menubar",
        "tooltip", "complementary", "toolbar", "listbox", "combobox", "doc-toc", "log", "progressbar",
    ),
    0.5,
)  # fmt: skip
FOOTNOTES = frozenset(("doc-footnote", "doc-endnote", "doc-endnotes"))
# Names that nobody gives to a part of the terms themselves.
CHROME = re.compile(
    r"(?:^|[-_ ])(?:(?:cookies?|consent|gdpr|ccpa)[-_ ]?(?:banner|consent|bar|notice|popup|modal|dialog|overlay|prompt|law|wall|box)"
    r"|cookiebot|onetrust|truste|cmp|breadcrumbs?|skip-?(?:link|nav|to)[\w-]*|navbar|site-?(?:header|footer|nav)|masthead"
    r"|table-?of-?contents|toc|sidenav|sidebar-?nav|popup|modal|lightbox|sr-only|visually-?hidden|screen-reader(?:-text)?"
    r"|a11y-hidden|offscreen|no-?print|chat-?widget|intercom|back-?to-?top|scroll-?to-?top|language-?(?:picker|switcher|selector|select)"
    r"|locale-?(?:picker|switcher|selector)|header-?anchor|headerlink|anchor-?link|permalink|heading-?anchor|copy-?button)(?:[-_ ]|$)",
    re.IGNORECASE,
)
# Names that a section of a privacy policy may also carry ("social", "sharing"): they count where there is no prose.
WEAK_CHROME = re.compile(
    r"(?:^|[-_ ])(?:nav|navigation|menu|footer|header|topbar|sidebar|side-bar|aside|related|recommend(?:ed|ations)|share|sharing"
    r"|social|newsletter|subscribe|sign-?up|cta|promo|promotion|banner|announcement|feedback|rating|helpful|pagination|pager"
    r"|tags|author|byline|comments?|search|toolbar|download|print|contents|drawer|flyout|dropdown|ads?|advert)(?:[-_ ]|$)",
    re.IGNORECASE,
)
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# React ships streamed parts of a page as <div hidden id="S:0">; a script moves them into view.
STREAMED = re.compile(r"[SB]:[0-9a-f]+")
COLLAPSED = re.compile(
    r"(?:^|[-_ ])(?:accordion|collaps(?:e|ed|ible)|expand(?:er|able)?|toggle|panel|tab-?(?:pane|panel|content)|disclosure|faq)",
    re.IGNORECASE,
)
LIST_LIKE = frozenset(("ul", "ol", "dl", "div", "section", "p", "table"))


def prune(tree: Tree) -> None:
    """Mark as dropped what is not the document; the root itself is never judged."""
    page = Rules(tree)
    at, main_end, end = 1, 0, len(tree.nodes)
    while at < end:
        node = tree.nodes[at]
        if not node.name:
            at += 1
            continue
        if page.drops(at, node, in_main=at < main_end):
            node.dropped = True
            at = node.end
            continue
        if node.name in ("main", "article") or node.attributes.get("role") == "main":
            main_end = max(main_end, node.end)
        at += 1


class Rules:
    """The rules for one page, with what they need to know of it as a whole."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.everything = max(1, tree.nodes[0].size)
        self.controlled = {
            target
            for node in tree.nodes
            for target in (node.attributes.get("aria-controls") or "").split()
            if not _in_menu(tree, node)
        }

    def drops(self, at: int, node: Node, *, in_main: bool) -> bool:
        """Whether this element goes, all its text with it."""
        if node.name in NEVER_TEXT:
            return True
        if node.name == "button" and self._titles_something(at, node):
            return False
        return node.size < self.everything * self._cap(node, in_main=in_main)

    def _cap(self, node: Node, *, in_main: bool) -> float:
        """The share of the page's text below which this element goes; 0 keeps it."""
        role = node.attributes.get("role") or ""
        if role in FOOTNOTES:
            return 0
        if self._hidden(node):
            return 0 if self._collapsed(node) else 0.7
        caps = [SHARES_OF_ELEMENTS.get(node.name, 0.0), SHARES_OF_ROLES.get(role, 0.0)]
        if in_main and node.name == "footer" and _reads_as_prose(node):
            caps[0] = 0.02
        if node.name == "header" and not in_main:
            caps.append(0.3)
        if node.name == "aside" and not (in_main and _reads_as_prose(node)):
            caps.append(0.4)
        caps.append(self._cap_of_names(node))
        if node.name in LIST_LIKE and _is_link_list(node):
            caps.append(0.2)
        if node.name == "form" and not _reads_as_prose(node):
            caps.append(0.1)
        return max(caps)

    def _cap_of_names(self, node: Node) -> float:
        """What class and id say of an element."""
        if node.name in ("main", "article", "html", "body"):
            return 0
        names = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
        if names == " ":
            return 0
        if CHROME.search(names):
            return 0.25
        if node.name not in HEADINGS and WEAK_CHROME.search(names) and not _reads_as_prose(node):
            return 0.25
        return 0

    def _hidden(self, node: Node) -> bool:
        attributes = node.attributes
        return (
            "hidden" in attributes
            or attributes.get("aria-hidden") == "true"
            or HIDDEN.search(attributes.get("style") or "") is not None
        )

    def _collapsed(self, node: Node) -> bool:
        """Whether a reader can open this hidden element, or a script is about to show it."""
        identity = node.attributes.get("id") or ""
        if STREAMED.fullmatch(identity):
            return True
        if not _reads_as_prose(node) or node.attributes.get("role") in ("dialog", "alertdialog"):
            return False
        names = node.attributes.get("class") or ""
        role = node.attributes.get("role") or ""
        return identity in self.controlled or role in ("tabpanel", "region") or bool(COLLAPSED.search(names))

    def _titles_something(self, at: int, node: Node) -> bool:
        """Whether a button is the title of a clause that it opens and closes."""
        around = self.tree.nodes[node.up]
        if around.name in HEADINGS or around.name in ("dt", "summary"):
            return around.size == node.size
        return "aria-expanded" in node.attributes and bool(
            set((node.attributes.get("aria-controls") or "").split()) & self._prose_ids()
        )

    def _prose_ids(self) -> set[str]:
        if not hasattr(self, "_known_prose_ids"):
            self._known_prose_ids = {
                identity
                for node in self.tree.nodes
                if (identity := node.attributes.get("id") or "") in self.controlled and _reads_as_prose(node)
            }
        return self._known_prose_ids


def _reads_as_prose(node: Node) -> bool:
    """Whether half of an element's text is sentences outside links."""
    return node.prose * 2 >= node.size > 0


def _is_link_list(node: Node) -> bool:
    return node.links >= 4 and node.linked > 0.8 * node.size


def _in_menu(tree: Tree, node: Node) -> bool:
    up = node.up
    while up >= 0:
        around = tree.nodes[up]
        if around.name in ("nav", "header", "footer", "menu") or around.attributes.get("role") in (
            "navigation",
            "banner",
        ):
            return True
        up = around.up
    return False
