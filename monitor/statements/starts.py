"""What a period of a retention statement runs from, and in which places data is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable

from monitor.model import Statement
from monitor.statements.lexicon import tokens

_BETWEEN = (
    "days? period grace time to be is are reckoned counted counting calculated measured computed running runs"
    " starting beginning begins?"
)
_RUNS_FROM = re.compile(
    rf"\W{{0,3}}(?:(?:{'|'.join(_BETWEEN.split())}) ){{0,4}}"
    r"(?:after|from|following|of|since|past|beyond)\s([^,.;:()]{3,90})",
    re.IGNORECASE,
)
_ENDS_THE_CLAUSE = re.compile(
    r"\b(?:and|or|unless|except|but|if|in order|for|to|(?<!on )which|where)\b", re.IGNORECASE
)
_STEM = 4
"""Letters by which words are told apart: "closing" and "close" begin the same event."""
_SAYS_NOTHING = frozenset(
    "the date time day moment point when which that your our their its you customer user users data it they"
    " them this these those was were has have had been being last first same such any all of on in on which"
    " is are we by with from end".split()
)
_RANKS = (
    frozenset("coll rece crea subm uplo gene inpu capt reco obta send sent inge".split()),
    frozenset("acti logi log inte visi used inac purc orde".split()),
    frozenset("clos term expi canc dele remo ends endi deac ceas cont agre subs leav".split()),
)
"""Events of a customer's time with a service in the order in which they come."""


def start_moved(before: Statement, after: Statement) -> int | None:
    """Whether the periods run from another event: 1 from a later one, -1 an earlier, 0 unknown, None no."""
    old, new = _start(before), _start(after)
    if not old or not new:
        return None
    first, second = _rank(old), _rank(new)
    if first is not None and second is not None:
        return (second > first) - (second < first) if first != second else None
    return None if old & new else 0


def _start(statement: Statement) -> frozenset[str]:
    """The words, by their beginnings, of the event behind the first period that names one."""
    for period in statement.periods:
        at = statement.text.find(period.text) + len(period.text)
        if match := _RUNS_FROM.match(statement.text, at):
            event = _ENDS_THE_CLAUSE.split(match[1])[0]
            words = [word for word in tokens(event).words if word not in _SAYS_NOTHING]
            return frozenset(word[:_STEM] for word in words)
    return frozenset()


def _rank(event: Iterable[str]) -> int | None:
    words = set(event)
    return next((n for n in reversed(range(len(_RANKS))) if words & _RANKS[n]), None)


_AND = r"(?:, and |, or |, | and | or | und | et | y )"
_NAME = r"(?:the |der |den )?[A-Z][^\W\d_]+(?: [A-Z][^\W\d_]+){0,3}"
_IN_PLACES = re.compile(rf"\b(?:in|within|outside|from|to) ({_NAME}(?:{_AND}{_NAME}){{0,12}})")
_NO_PLACE = re.compile(
    r"\b(?:Customer|Service|Provider|Platform|Agreement|Section|Account|Data|Content|Product|User|Site|App|Order"
    r"|Settings?|Policy|Terms?|Cloud|Workspace|January|February|March|April|May|June|July|August|September|October"
    r"|November|December|DPA|Article|Annex|Schedule|Appendix|Exhibit|AI|We|You|Our|Your)"
)
_SAYS_WHERE = frozenset(("servers", "country"))


def places(statement: Statement) -> frozenset[str]:
    """The names of the places where a statement keeps data: "in Frankfurt, Paris and the United States"."""
    if not _SAYS_WHERE & set(statement.conditions):
        return frozenset()
    named = [name for found in _IN_PLACES.findall(statement.text) for name in re.split(_AND, found)]
    return frozenset(name.removeprefix("the ") for name in named if not _NO_PLACE.search(name))
