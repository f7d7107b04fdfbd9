"""Lines that say since when a document holds, as they stand above or below many documents."""

from __future__ import annotations

import re

from monitor.extract.tree import BLOCK, Tree

LONGEST = 200  # letters; a longer text is a clause that mentions a date
DEEPEST = 12  # elements between a text and its line
WORDS = re.compile(
    r"\b(?:effective|updated?|revised?|revision|modified|changed|reviewed|as\s+of|in\s+force|version|stand|gültig|aktualisiert"
    r"|geändert|mise?\s+à\s+jour|en\s+vigueur|actualizad\w+|actualización|vigente|vigencia|vigor|aggiornat\w+|aggiornamento"
    r"|atualizad\w+|atualização|bijgewerkt|ingangsdatum|zaktualizowan\w+|obowiązuje)\b"
    r"|更新|生效|修订|修訂|施行|改定|改訂|制定|최종|시행|개정|업데이트",
    re.IGNORECASE,
)
DATE = re.compile(r"\b20\d\d\b|\b\d{1,2}/\d{1,2}/\d\d\b|20\d\d\s*[年년]")


def dated_lines(tree: Tree) -> list[int]:
    """The positions of the innermost blocks that are a line like "Effective 3 May 2025", in order."""
    found: list[int] = []
    for at, node in enumerate(tree.nodes):
        if node.name or len(node.text) > LONGEST or not ("20" in node.text or "/" in node.text):
            continue
        around = [up for up in tree.ancestors(at)[:DEEPEST] if tree.nodes[up].name in BLOCK]
        line = around[0] if around else tree.nodes[at].up
        if line < 0 or line in found[-1:] or tree.nodes[line].size > LONGEST:
            continue
        if DATE.search(node.text) and _says_since_when(tree, line, at):
            found.append(line)
    return found


def _says_since_when(tree: Tree, line: int, at: int) -> bool:
    """Whether the line names the date as that of the document, by its words or by its element."""
    return WORDS.search(tree.text(line)) is not None or tree.nodes[tree.nodes[at].up].name == "time"
