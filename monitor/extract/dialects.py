"""Markdown as documentation sites serve it: front matter, components of MDX, containers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from monitor.extract.plain import collapse, front_matter, read_markdown
from monitor.model import Block, BlockKind, Page

MARKED = re.compile(r"[<{`~]|:::|^import\s")
"""What a line holds, at the least, that is more than common Markdown."""
FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
# A component of MDX alone on its line, as <Note> or </Tab>.
COMPONENT = re.compile(r"[ \t]*</?[A-Z][\w.]*(?:\s[^<>\n]*)?/?>[ \t]*")
INDENT = 2  # spaces by which the text inside a component is moved in
TITLE = re.compile(r"\b(?:title|label|summary)=[\"']([^\"']*)[\"']")
CONTAINER = re.compile(r"[ \t]*:{3,}[ \t]*(?:\w+[ \t]*)?(.*)")
IMPORT = re.compile(r"import\s[^\n]{1,300}\sfrom\s+[\"'][^\"'\n]*[\"'];?\s*")
LINE_BREAK = re.compile(r"[ \t]*<br\s*/?>[ \t]*", re.IGNORECASE)
HEADING_ID = re.compile(r"^(#{1,6}\s.*?)\s*\{\s*#[\w-]+\s*\}\s*$")
COMMENT = re.compile(r"\{/\*[^\n]{0,500}?\*/\}")
FRONT_TITLE = re.compile(r"^title\s*[:=]\s*(.+)$", re.MULTILINE)
HEADING = re.compile(r"^ {0,3}#{1,6} \S", re.MULTILINE)
LINK = re.compile(r"\[[^\]\n]{1,200}\]\([^)\s]{1,500}\)")


def is_markdown(text: str) -> bool:
    """Whether a text of no stated kind is Markdown: it has two headings, or a heading and a link."""
    headings = len(HEADING.findall(text))
    return headings > 1 or (headings == 1 and LINK.search(text) is not None)


def read_document(text: str) -> Page:
    """The page of a document in Markdown; the title of its front matter heads it if nothing else does."""
    matter, text = front_matter(text)
    stated = FRONT_TITLE.search(matter)
    title = collapse(stated[1].strip().strip("\"'")) if stated else ""
    page = read_markdown("\n".join(_common(text.splitlines())))
    if not title:
        return page
    if any(block.kind is BlockKind.HEADING and block.level == 1 for block in page.blocks):
        return replace(page, title=title)
    heading = Block(BlockKind.HEADING, title, level=1)
    blocks = [replace(block, section=(title, *block.section)) for block in page.blocks]
    return replace(page, blocks=(heading, *blocks), title=title, all_text=f"{title}\n{page.all_text}")


def _common(lines: list[str]) -> Iterator[str]:
    """The lines in common Markdown, those inside components moved out; those of code blocks as they are."""
    fence, depth = "", 0
    for line in lines:
        if not (fence or depth or MARKED.search(line)):
            yield line  # as most lines, for a part of the time that trying each dialect takes
            continue
        opened = FENCE.match(line)
        if fence or opened:
            closes = bool(fence and opened and opened[1].startswith(fence))
            fence = "" if closes else fence or (opened[1] if opened else "")
            yield line
            continue
        depth = max(0, depth + _opens(line))
        inside = line[: INDENT * depth].lstrip() + line[INDENT * depth :]
        yield from _common_line(inside)


def _opens(line: str) -> int:
    """1 for a line that opens a component, -1 for one that closes it, else 0."""
    if not COMPONENT.fullmatch(line) or line.rstrip().endswith("/>"):
        return 0
    return -1 if line.lstrip().startswith("</") else 1


def _common_line(line: str) -> tuple[str, ...]:
    if COMPONENT.fullmatch(line):
        title = TITLE.search(line)
        return ("", title[1] if title else "", "")
    if container := CONTAINER.fullmatch(line):
        return ("", container[1], "")
    if IMPORT.fullmatch(line) or LINE_BREAK.fullmatch(line):
        return ("",)
    return (COMMENT.sub("", HEADING_ID.sub(r"\1", line)),)
