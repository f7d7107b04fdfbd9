"""How grave flags are, and what they say together: for reports and the inbox, which hear of no sentence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from monitor.model import Flag, FlagKind, Statement

MIXED, UNCLEAR = "mixed", "unclear"
_BOTH_WAYS = 0.9
"""From this ratio of the weaker to the stronger direction on, a change goes both ways."""
_WEIGHTY = frozenset(("train", "learn"))
"""Actions that count thrice beside mere improvement."""
_SEVERITY = {"more_permissive": 0, "longer": 0, "mixed": 1, "unclear": 2, "less_permissive": 3, "shorter": 3}
_EDITORIAL, _UNFLAGGED = 4, 5


def severity(kind: FlagKind, direction: str | None) -> int:
    """0 for what a reviewer reads first: what takes more from customers; an editorial flag comes last."""
    return _EDITORIAL if kind is FlagKind.EDITORIAL else _SEVERITY.get(direction or UNCLEAR, 2)


def most_severe(flags: Iterable[Flag]) -> int:
    """The severity of a change with these flags; one without any comes after all others."""
    told = (flag for flag in flags if flag.kind is not FlagKind.NONE)
    return min((severity(flag.kind, flag.direction) for flag in told), default=_UNFLAGGED)


def verdicts(flags: tuple[Flag, ...], topics: Iterable[str]) -> dict[str, tuple[FlagKind, str | None]]:
    """For each topic the strongest flag, and the direction that its substantive flags have together."""
    return {topic: _verdict([one for one in flags if one.topic == topic]) for topic in topics}


def _verdict(flags: list[Flag]) -> tuple[FlagKind, str | None]:
    substantive = [one for one in flags if one.kind is FlagKind.SUBSTANTIVE]
    if not substantive:
        return (FlagKind.EDITORIAL if flags else FlagKind.NONE), None
    counts: dict[str, float] = defaultdict(float)
    for one in substantive:
        counts[one.direction or UNCLEAR] += _weight(one)
    both = counts.pop(MIXED, 0)
    counts.pop(UNCLEAR, 0)
    return FlagKind.SUBSTANTIVE, prevailing(counts, both)


def _weight(flag: Flag) -> float:
    """How much a flag counts for the direction of a whole change: training thrice, periods twice."""
    statements = (*flag.before, *flag.after)
    if statements and all(statement.modality == "conditional" for statement in statements):
        return 0.4 * len(statements)  # a choice goes with the use it is about
    if statements and all(statement.position == "other" for statement in statements):
        return 0.4  # a way to delete goes with what is kept
    if any(_WEIGHTY & set(statement.action.split(", ")) for statement in statements):
        return 1 if all(_spares_some(one) for one in statements) and not flag.before else 3
    if any(s.periods for s in flag.before) and any(s.periods for s in flag.after):
        return 2
    return 1


def _spares_some(statement: Statement) -> bool:
    """Whether it only says whom, or where, something is not done: beside the use itself that is little."""
    somewhere = any(condition.startswith("region") for condition in statement.conditions)
    denied = statement.modality == "prohibits" and bool(statement.audience or somewhere)
    return denied or statement.modality == "conditional"


def prevailing(counts: Mapping[str, float], both: float) -> str:
    """The direction that outweighs the other, "mixed" when they are about even."""
    ranked = sorted(counts.items(), key=lambda item: -item[1])
    if not ranked:
        return MIXED if both else UNCLEAR
    weaker = both + sum(number for _, number in ranked[1:])
    return MIXED if weaker >= _BOTH_WAYS * (both + ranked[0][1]) else ranked[0][0]
