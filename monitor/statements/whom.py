"""How old the people are whom a statement is about: "under 18", "aged 16 or older"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from monitor.model import RETENTION, Statement
from monitor.statements.difference import Difference, sign

_AGE = r"\s+(?:the age of |age )?(?P<age>1\d|2[01]|[6-9])\b(?!\s*(?:days?|months?|weeks?|hours?|%|[KMG]B))"
_YOUNGER = re.compile(rf"\b(?:under|below|younger than|less than){_AGE}", re.I)
_OLDER = re.compile(rf"\b(?:over|above|older than|at least|aged?|from){_AGE}", re.I)


def ages(before: Statement, after: Statement, scope: int) -> Iterable[Difference]:
    """Another age in both: whether the statement is about more people or fewer."""
    if after.topic == RETENTION:
        return
    for pattern, towards in ((_YOUNGER, scope), (_OLDER, -scope)):
        old, new = _age(pattern, before), _age(pattern, after)
        if old and new and old != new:
            yield Difference(f"age: {old} -> {new}", towards * sign(new - old))


def _age(pattern: re.Pattern[str], statement: Statement) -> int:
    found = pattern.search(statement.text)
    return int(found["age"]) if found else 0
