"""Names and other attributes that tell what an element is for."""

from __future__ import annotations

import re

from monitor.extract.tree import Node

CONTROLS = frozenset(("input", "button", "select", "textarea"))
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def _names(tokens: str) -> re.Pattern[str]:
    """Matches a class or id that has one of these tokens between its hyphens and underscores."""
    return re.compile(rf"(?:^|[-_ ])(?:{'|'.join(tokens.split())})(?:[-_ ]|$)", re.IGNORECASE)


# What asks for consent to cookies: the names of the services that serve it, too.
CONSENT = _names(
    r"(?:cookies?|consent|gdpr|ccpa)[-_]?(?:banner|consent|bar|notice|popup|modal|dialog|overlay|prompt|box)"
    r" cookiebot onetrust truste cmpbox cmpwrapper qc-cmp\d* cky didomi usercentrics sp_message\w* osano-cm"
)
# Names that nobody gives to a part of the terms themselves.
CHROME = _names(
    r"breadcrumbs? skip-?(?:link|nav|to)\w* navbar masthead site-?(?:header|footer|nav)"
    r" table-?of-?contents toc sidenav sidebar-?nav popup modal lightbox"
    r" sr-only visually-?hidden screen-?reader(?:-text|-only)? a11y-hidden offscreen no-?print"
    r" intercom-(?:launcher|messenger|frame|container|lightweight-app|notifications|namespace) chat-?widget"
    r" (?:back|scroll)-?to-?top (?:language|locale)-?(?:picker|switcher|select(?:or)?)"
    r" header-?anchor header-?link heading-?anchor anchor-?link permalink copy-?button (?:mw-)?editsection"
)
# Names that a section of the terms may carry as well ("social", "sharing"): they count where there is
# no prose.
WEAK_CHROME = _names(
    r"nav navigation menu footer header topbar sidebar side-bar aside related recommend(?:ed|ations)"
    r" shar(?:e|ing) social newsletter subscribe sign-?up cta promo promotion banner announcement"
    r" feedback ratings? votes? reactions? helpful pagination pager tags author byline comments? search"
    r" toolbar download print contents drawer flyout dropdown ads? advert"
    r" display-?none d-none is-hidden hidden hide"
)

# Those of them that are never the name of a sentence on its own.
FRAME = _names(
    r"nav navigation footer header topbar author byline tags? pager pagination display-?none d-none is-hidden"
    r" hidden hide"
)


def names_of(node: Node) -> str:
    """The class and the id of an element."""
    return f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}".strip()


def is_control(node: Node) -> bool:
    """Whether a reader presses or fills in this element."""
    return node.name in CONTROLS or node.attributes.get("role") == "button"


def is_hidden(node: Node) -> bool:
    """Whether an element is not shown until something opens it."""
    attributes = node.attributes
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or HIDDEN.search(attributes.get("style") or "") is not None
    )
