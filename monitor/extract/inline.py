"""Repairs inside lines: obfuscated e-mail addresses, footnote signs, link signs of headings, buttons."""

from __future__ import annotations

import re

from monitor.extract.tree import HEADINGS, Tree, is_link

# Cloudflare's "[email protected]": the first byte is the key of an XOR over the rest.
PROTECTED = re.compile(r"/cdn-cgi/l/email-protection#([0-9a-fA-F]+)")
SIGNS = frozenset("#¶§🔗↩↑^⬏\ufe0e\ufe0f")
FOOTNOTE = re.compile(r"\d{1,3}|[*†‡]{1,3}")


def repair(tree: Tree) -> None:
    """Put in readable text where the page has a code or a sign."""
    for at, node in enumerate(tree.nodes):
        if not node.name:
            continue
        if is_link(node) or "data-cfemail" in node.attributes:
            _decode_address(tree, at)
        if is_link(node) and node.size <= 2 and set("".join(tree.text(at).split())) <= SIGNS:
            node.dropped = node.size > 0 and _is_sign(tree, at)
        if node.name == "button" and _is_in_sentence(tree, at):
            node.name = "span"
        if node.name == "sup" and 0 < node.size <= 5:
            _mark_footnote(tree, at)


def _is_in_sentence(tree: Tree, at: int) -> bool:
    """Whether the text of a paragraph goes on on both sides of a button."""
    if tree.nodes[tree.nodes[at].up].name not in ("p", "li", "td", "dd"):
        return False
    before, after = tree.before(at), tree.after(at)
    return before is not None and after != at and not (tree.nodes[before].name or tree.nodes[after].name)


def _decode_address(tree: Tree, at: int) -> None:
    node = tree.nodes[at]
    link = PROTECTED.search(node.attributes.get("href") or "")
    code = node.attributes.get("data-cfemail") or (link[1] if link and "protected" in tree.text(at) else "")
    address = decoded_address(code)
    if not address:
        return
    for inner in tree.nodes[at + 1 : node.end]:
        if not inner.name:
            inner.text, address = address, ""


def decoded_address(code: str) -> str:
    """The e-mail address behind Cloudflare's code, or "" if it is none."""
    try:
        data = bytes.fromhex(code)
    except ValueError:
        return ""
    return bytes(byte ^ data[0] for byte in data[1:]).decode("utf-8", "replace") if data else ""


def _is_sign(tree: Tree, at: int) -> bool:
    """Whether a link of one sign stands in a heading or leads inside the page."""
    href = tree.nodes[at].attributes.get("href") or ""
    return "#" in href or any(tree.nodes[up].name in HEADINGS for up in tree.ancestors(at)[:3])


def _mark_footnote(tree: Tree, at: int) -> None:
    """Bracket the number of a footnote, which would otherwise run into the word or figure before it."""
    node = tree.nodes[at]
    linked = any(is_link(tree.nodes[n]) for n in (*range(at, node.end), *tree.ancestors(at)[:2]))
    if not linked or not FOOTNOTE.fullmatch(tree.text(at)):
        return
    texts = [inner for inner in tree.nodes[at : node.end] if not inner.name and inner.text.strip()]
    texts[0].text = f" [{texts[0].text.strip()}"
    texts[-1].text = f"{texts[-1].text.rstrip()}]"
