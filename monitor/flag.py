"""Changed clauses to flags: positions before and after compared, with direction and explanation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from monitor.model import Blocks, Clauses, Flag, FlagKind
from monitor.statements.compare import came, differences, went
from monitor.statements.difference import MORE, Difference
from monitor.statements.match import Edit, Said, Side, edits
from monitor.statements.read import CONDITIONAL
from monitor.statements.rules import Rules, Topic
from monitor.statements.summary import summarise

MIXED, UNCLEAR = "mixed", "unclear"
_BOTH_WAYS = 0.9
"""From this ratio of the weaker to the stronger direction on, a change goes both ways."""
_WEIGHTY = frozenset(("train", "learn"))
"""Actions that count thrice beside mere improvement."""
_SEVERITY = {"more_permissive": 0, "longer": 0, "mixed": 1, "unclear": 2, "less_permissive": 3, "shorter": 3}
_EDITORIAL, _UNFLAGGED = 4, 5


def flag(
    before: Blocks, after: Blocks, clauses: Clauses, rules: Rules, language: str = "en"
) -> tuple[Flag, ...]:
    """The flags of a change: one for each clause and topic that it bears on, in the clauses' order."""
    altered = tuple(clause for clause in clauses if clause.alters)
    if not altered:
        return ()
    old = Side(before, frozenset(c.before_at for c in altered if c.before_at is not None), rules, language)
    new = Side(after, frozenset(c.after_at for c in altered if c.after_at is not None), rules, language)
    by_topic = [(topic, edits(old, new, altered, topic)) for topic in rules.topics.values()]
    return tuple(
        _flag(found[at], topic)
        for at in range(len(altered))
        for topic, found in by_topic
        if found[at].touched
    )


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
    return FlagKind.SUBSTANTIVE, _prevailing(counts, both)


def _weight(flag: Flag) -> float:
    """How much a flag counts for the direction of a whole change: training thrice, periods twice."""
    statements = (*flag.before, *flag.after)
    if statements and all(statement.modality == CONDITIONAL for statement in statements):
        return 0.4 * len(statements)  # a choice goes with the use it is about
    if statements and all(statement.position == "other" for statement in statements):
        return 0.4  # a way to delete goes with what is kept
    if any(_WEIGHTY & set(statement.action.split(", ")) for statement in statements):
        return 3
    if any(s.periods for s in flag.before) and any(s.periods for s in flag.after):
        return 2
    return 1


def _prevailing(counts: Mapping[str, float], both: float) -> str:
    """The direction that outweighs the other, "mixed" when they are about even."""
    ranked = sorted(counts.items(), key=lambda item: -item[1])
    if not ranked:
        return MIXED if both else UNCLEAR
    weaker = both + sum(number for _, number in ranked[1:])
    return MIXED if weaker >= _BOTH_WAYS * (both + ranked[0][1]) else ranked[0][0]


# --- one clause ------------------------------------------------------------------------------------


def _flag(edit: Edit, topic: Topic) -> Flag:
    found = _differences(edit)
    differing = [pair for pair, what in found if what]
    kind = FlagKind.SUBSTANTIVE if differing else FlagKind.EDITORIAL
    shown = differing or [pair for pair, _ in found]
    statements = [said.statement for pair in shown for said in pair if said]
    return Flag(
        topic=topic.name,
        kind=kind,
        direction=_direction([d for _, what in found for d in what], topic) if differing else None,
        clause=edit.clause,
        rules=tuple(dict.fromkeys(rule for statement in statements for rule in statement.rules)),
        words=tuple(dict.fromkeys(word for statement in statements for word in statement.words)),
        summary=_summary(shown, same=not differing),
        before=tuple(old.statement for old, _ in shown if old),
        after=tuple(new.statement for _, new in shown if new),
    )


Sides = tuple[Said | None, Said | None]


def _differences(edit: Edit) -> list[tuple[Sides, tuple[Difference, ...]]]:
    found: list[tuple[Sides, tuple[Difference, ...]]] = [
        ((old, new), differences(old.statement, new.statement)) for old, new in edit.pairs
    ]
    left = edit.clause.after.text if edit.clause.after else ""
    found += [((old, None), (went(old.statement, left),)) for old in edit.old]
    found += [((None, new), (came(new.statement),)) for new in edit.new]
    found += [(pair, ()) for pair in edit.same]
    return found + [((said, said), ()) for said in edit.moved]


def _direction(found: Iterable[Difference], topic: Topic) -> str:
    counts: dict[str, float] = defaultdict(float)
    for one in found:
        if one.towards:
            counts[topic.more if one.towards == MORE else topic.less] += one.weight
    return _prevailing(counts, 0)


def _summary(shown: list[Sides], *, same: bool) -> str:
    if not shown:
        return ""
    old, new = shown[0]
    line = summarise(old.statement if old else None, new.statement if new else None)
    if same:
        line = f"position unchanged: {line.split(' → ')[0]}"
    return f"{line} (and {len(shown) - 1} more)" if len(shown) > 1 else line
