"""How firmly a statement promises to delete or not to keep: "will", "may", "aims to", "generally"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from monitor.model import RETENTION, Statement
from monitor.statements.difference import LESS, MORE, Difference, only_deletes

_DELETES = r"(?:delet|eras|remov|purg|destroy|wip(?:e|ing)|clear|dispos|discard|anonymi|shred|return)"
_OTHERS_MAY = re.compile(
    r"\b(?:you|users?|customers?|members?|clients?|admin\w*|people|parents?|owners?|who|which|that)(?: \w+)?"
    r" (?:may|can|could|might)\b",
    re.IGNORECASE,
)
_LOOSELY = (
    r"generally|typically|usually|normally|in most cases|as a rule|as far as possible|at our discretion"
    r"|where(?:ver)? (?:\w+ )?(?:possible|feasible|practicable)"
)
_AIMS = (
    r"(?:aim|try|tries|attempt|endeavou?r|seek|intend|plan|strive|hope|expect|undertake)s? to|consider\w*"
    r"|(?:reasonable|best) efforts? to|take steps to|work(?:s|ing)? to"
)
_MAYBE_DELETES = re.compile(
    rf"\b(?:(?:may|might|can|could)\b(?: \w+){{0,3}}? {_DELETES}|(?:{_AIMS})\b(?: \w+){{0,5}}? {_DELETES}"
    rf"|(?:{_LOOSELY})\b[^.;]{{0,60}}?{_DELETES}|{_DELETES}[^.;]{{0,60}}?\b(?:{_LOOSELY})\b"
    rf"|{_DELETES}[^.;]{{0,80}}?\b(?:or (?:later|longer)|take longer|longer (?:if|where|when))\b)",
    re.IGNORECASE,
)
_MAYBE_NOT = re.compile(rf"\b(?:{_LOOSELY}|{_AIMS})\b", re.IGNORECASE)


def firmness(before: Statement, after: Statement) -> Iterable[Difference]:
    """A promise to delete, or not to keep, that became a mere possibility, or the other way round."""
    if after.topic != RETENTION or before.negated != after.negated:
        return
    if only_deletes(before) and only_deletes(after) and not after.negated:
        hedge = _MAYBE_DELETES
    elif before.position == after.position == "not-stored":
        hedge = _MAYBE_NOT
    else:
        return
    was, now = (bool(hedge.search(_OTHERS_MAY.sub("", one.text))) for one in (before, after))
    if was != now:
        yield Difference("firmness", MORE if now else LESS)


_CHOICE_OF = re.compile(
    r"\b(?:at|in) (?:the )?(?P<who>\w+?)(?:['’]s)? (?:sole |own |absolute )?"
    r"(?:choice|election|option|discretion)\b",
    re.IGNORECASE,
)
_PROVIDERS = frozenset("our its provider supplier processor vendor company licensor importer".split())
_CUSTOMERS = frozenset(
    "your customer client controller user subscriber exporter member licensee owner".split()
)


def decider(before: Statement, after: Statement) -> Iterable[Difference]:
    """Who chooses between deletion, return and keeping, where the other side chooses now."""
    chose, chooses = _chooser(before), _chooser(after)
    if chose and chooses and chose != chooses:
        yield Difference("who decides", chooses)


def _chooser(statement: Statement) -> int:
    """MORE where the provider chooses, LESS where customers do, 0 where it is not said."""
    found = _CHOICE_OF.search(statement.text)
    who = found["who"].lower() if found else ""
    return MORE if who in _PROVIDERS else LESS if who in _CUSTOMERS else 0
