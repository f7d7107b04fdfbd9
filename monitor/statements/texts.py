"""All statements of a text."""

from __future__ import annotations

from monitor.model import Blocks, Statement
from monitor.statements.defined import definitions, terms
from monitor.statements.read import read_all
from monitor.statements.rules import Rules
from monitor.statements.sentences import sentences


def statements(blocks: Blocks, rules: Rules, language: str = "en") -> tuple[Statement, ...]:
    """Every statement of a version on any topic of the rules, in reading order."""
    found = sentences(blocks)
    defined = terms(definitions(found))
    return tuple(statement for _, statement in read_all(found, rules, language, defined))
