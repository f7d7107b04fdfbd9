"""What an HTML document says of itself outside its text: title, language, base address, refresh."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from monitor.extract.plain import collapse
from monitor.extract.tree import Node, Tree

REFRESH = re.compile(r"\s*[\d.]*\s*[;,]?\s*(?:url\s*=)?\s*[\"']?([^\"']*)", re.IGNORECASE)


@dataclass(frozen=True)
class Facts:
    """Each is "" where the document does not say it; `base` is then the document's own address."""

    title: str
    language: str
    base: str
    refresh: str  # where a <meta http-equiv="refresh"> leads
    frames: tuple[str, ...] = ()  # what a <frameset> shows


def read_facts(document: Tree, url: str) -> Facts:
    """The facts of a whole document fetched from a URL."""
    head = document.first("head") or 0
    metas = [node for node in document.nodes[head : document.nodes[head].end] if node.name == "meta"]
    base = _base(document, head, url)
    frames = (_joined(base, node.attributes.get("src") or "") for node in _inside(document, 0, "frame"))
    return Facts(
        title=_title(document, head, metas),
        language=_language(document, metas),
        base=base,
        refresh=_refresh(metas, base),
        frames=tuple(filter(None, frames)),
    )


def _base(document: Tree, head: int, url: str) -> str:
    named = (node for node in _inside(document, head, "base") if "href" in node.attributes)
    base = next(named, None)
    return _joined(url, base.attributes["href"]) or url if base else url


def _joined(base: str, url: str) -> str:
    """ "" for what cannot be read as an address."""
    try:
        return urljoin(base, url)
    except ValueError:
        return ""


def _inside(document: Tree, at: int, name: str) -> Iterator[Node]:
    return (node for node in document.nodes[at + 1 : document.nodes[at].end] if node.name == name)


def _title(document: Tree, head: int, metas: list[Node]) -> str:
    at = document.first("title", head)
    if at is not None and (text := document.text(at)):
        return text
    named = (node for node in metas if node.attributes.get("property") == "og:title")
    return collapse(next((node.attributes.get("content") or "" for node in named), ""))


def _language(document: Tree, metas: list[Node]) -> str:
    """As declared by <html lang>, <body lang> or a meta element."""
    for name in ("html", "body"):
        at = document.first(name)
        attributes = document.nodes[at].attributes if at is not None else {}
        if declared := attributes.get("lang") or attributes.get("xml:lang"):
            return declared.strip()
    return _equivalent(metas, "content-language").strip()


def _refresh(metas: list[Node], base: str) -> str:
    target = REFRESH.match(_equivalent(metas, "refresh"))
    if not target or not target[1].strip():
        return ""
    return _joined(base, target[1].strip())


def _equivalent(metas: list[Node], name: str) -> str:
    """What the meta element that stands for this header says."""
    named = (node for node in metas if (node.attributes.get("http-equiv") or "").lower() == name)
    return next((node.attributes.get("content") or "" for node in named), "")
