"""The same edit in several documents: told once, with all of them; and what two changes share, named in both.

Providers keep a sentence in several documents and regional copies, and serve a document under several
addresses; one look then settles them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from monitor.model import RecordedChange
from monitor.report.excerpt import Words, marked
from monitor.report.item import Finding, Item, flags

Edit = tuple[str, frozenset[object]]
"""A provider, and the words that a change flagged or altered; none where clauses only moved."""


def edit(change: RecordedChange) -> Edit:
    """What makes changes the same: the provider, and the words of what was flagged, or else altered."""
    judged = change.change
    flagged = frozenset(
        (marked(flag.clause), flag.topic, flag.kind, flag.direction) for flag in flags(change)
    )
    altered = frozenset((clause.kind, marked(clause)) for clause in judged.clauses if clause.alters)
    return judged.document.partition("/")[0], flagged or altered


def same(changes: Iterable[RecordedChange]) -> dict[int, list[int]]:
    """For each change the numbers of the others that say the same of other documents, lowest first."""
    groups: dict[Edit, list[RecordedChange]] = {}
    for change in changes:
        groups.setdefault(edit(change), []).append(change)
    return {
        one.id: sorted(each.id for each in group if words and each.change.document != one.change.document)
        for (_, words), group in groups.items()
        for one in group
    }


def joined(told: Iterable[tuple[RecordedChange, Item]]) -> tuple[Item, ...]:
    """The items in their order; one that says what an earlier one of another document says goes with it."""
    entries: dict[tuple[object, ...], list[Item]] = {}
    for change, item in told:
        key = (edit(change), item.remarks)
        again = any(one.document == item.document for one in entries.get(key, ()))
        entries.setdefault((*key, item.number) if again else key, []).append(item)
    return tuple(replace(first, also=tuple(others)) for first, *others in entries.values())


def with_twins(items: Iterable[Item]) -> tuple[Item, ...]:
    """The same items, each naming the provider's other changes that have one clause in common with it."""
    items = tuple(items)
    holders: dict[tuple[str, Words], list[Item]] = {}
    for one in items:
        for finding in one.findings:
            holders.setdefault((one.provider, finding.passage.full), []).append(one)
    return tuple(_twinned(one, holders) for one in items)


def _twinned(one: Item, holders: Mapping[tuple[str, Words], list[Item]]) -> Item:
    def others(finding: Finding) -> tuple[str, ...]:
        found = holders[one.provider, finding.passage.full]
        return tuple(dict.fromkeys(other.names for other in found if other.document != one.document))

    return replace(one, findings=tuple(replace(each, twins=others(each)) for each in one.findings))
