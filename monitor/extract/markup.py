"""Make markup small and safe to parse: scripts, styles, drawings and comments out, by a linear scan."""

from __future__ import annotations

import re

OPENING = re.compile(r"<(?:!--|(script|style|svg|noscript|template)(?=[\s/>]))", re.IGNORECASE)
CLOSING = {
    name: re.compile(rf"</{name}(?=[\s/>])[^>]*>", re.IGNORECASE)
    for name in ("script", "style", "svg", "noscript", "template")
}
TAG_END = re.compile(r"""[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""")
COMMENT_END = re.compile(r"--!?>")
SHADOW_ROOT = re.compile(r"<template\s[^>]{0,500}?shadowroot", re.IGNORECASE)
DECLARATION = re.compile(r"\s*<\?xml[^>]*>", re.IGNORECASE)


def without_scripts(markup: str) -> tuple[str, int]:
    """The markup less what no reader sees, and the number of script elements."""
    markup = markup.removeprefix("\ufeff").replace("\0", "")  # libxml2 ends the document at a NUL
    prolog = DECLARATION.match(markup)
    kept, scripts, at = [], 0, prolog.end() if prolog else 0
    unclosed: set[str] = set()
    while opening := OPENING.search(markup, at):
        name = (opening[1] or "").lower()
        scripts += name == "script"
        end = -1 if name in unclosed or _shown(markup, opening) else _end(markup, opening, name)
        if end < 0:
            unclosed |= {name} - {"template"}
            end = opening.end()
            kept.append(markup[at:end])
        else:
            kept.append(markup[at : opening.start()])
        at = end
    kept.append(markup[at:])
    return "".join(kept), scripts


def _shown(markup: str, opening: re.Match[str]) -> bool:
    """Whether this is a template whose content browsers show at once (a declarative shadow root)."""
    return SHADOW_ROOT.match(markup, opening.start()) is not None


def _end(markup: str, opening: re.Match[str], name: str) -> int:
    """Where the element or comment that opens here ends; -1 if it is never closed."""
    if name:
        tag = TAG_END.match(markup, opening.end())
        if name == "svg" and tag and tag[0].endswith("/>"):
            return tag.end()
        closing = CLOSING[name].search(markup, opening.end())
    elif markup.startswith((">", "->"), opening.end()):
        return markup.index(">", opening.end()) + 1
    else:
        closing = COMMENT_END.search(markup, opening.end())
    return closing.end() if closing else -1
