"""Changed clauses to flags: positions before and after compared, with direction and explanation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from monitor.model import Blocks, Clauses, Flag, FlagKind
from monitor.severity import prevailing
from monitor.statements.comings import came, went
from monitor.statements.compare import differences
from monitor.statements.difference import MORE, Difference
from monitor.statements.match import Edit, Said, Side, edits
from monitor.statements.rules import Rules, Topic
from monitor.statements.summary import summarise


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
    found += [((old, None), _told(edit, old) or (went(old.statement, left),)) for old in edit.old]
    found += [((None, new), _told(edit, new) or (came(new.statement),)) for new in edit.new]
    found += [(pair, ()) for pair in edit.same]
    return found + [((said, said), ()) for said in edit.moved]


def _told(edit: Edit, said: Said) -> tuple[Difference, ...]:
    """What differs from a sentence that no rule hears on the other side, where that shows a direction."""
    for before, after in edit.unheard:
        if said is before or said is after:
            found = differences(before.statement, after.statement)
            return found if any(one.towards for one in found) else ()
    return ()


def _direction(found: Iterable[Difference], topic: Topic) -> str:
    counts: dict[str, float] = defaultdict(float)
    for one in found:
        if one.towards:
            counts[topic.more if one.towards == MORE else topic.less] += one.weight
    return prevailing(counts, 0)


def _summary(shown: list[Sides], *, same: bool) -> str:
    if not shown:
        return ""
    old, new = shown[0]
    line = summarise(old.statement if old else None, new.statement if new else None)
    if same:
        line = f"position unchanged: {line.split(' → ')[0]}"
    return f"{line} (and {len(shown) - 1} more)" if len(shown) > 1 else line
