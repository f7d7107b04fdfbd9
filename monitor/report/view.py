"""What a report says and in which order, before any format: the worded rows that all formats share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from monitor.model import CheckResult, FlagKind, RecordedChange, Report, ReviewState
from monitor.report import wording
from monitor.report.alike import joined, with_twins
from monitor.report.health import Trouble, in_one_line, is_still_unseen, recovered, troubles, unseen
from monitor.report.item import Item, flags, tell, why_withdrawn
from monitor.report.wording import counted, instant, listed, visible
from monitor.severity import most_severe

if TYPE_CHECKING:
    from monitor.report.linked import Linked

KINDS = {FlagKind.SUBSTANTIVE: "substantive", FlagKind.EDITORIAL: "editorial", FlagKind.NONE: "unflagged"}

WAYS = 4
"""Ways in which documents were seen to be unchanged that fit in one line."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """Something that was not announced, and why."""

    document: str
    at: str
    what: str
    why: str


@dataclass(frozen=True, kw_only=True)
class View:
    """A report, worded and in order."""

    title: str
    at: str
    summary: str
    unseen: str  # which documents were not seen, and since when; alarms
    notes: tuple[str, ...]
    substantive: tuple[Item, ...]
    editorial: tuple[Item, ...]
    others: tuple[Item, ...]
    linked: tuple[Linked, ...]
    entries: str  # lines of the watchlist that would add what is linked and not watched
    held: tuple[Held, ...]
    troubles: tuple[Trouble, ...]
    health: str

    @property
    def flagged(self) -> tuple[Item, ...]:
        return self.substantive + self.editorial


def view(report: Report) -> View:
    """Everything a report tells, most serious first."""
    changes = ordered(report)
    told = [change for change in changes if not is_held(change)]
    groups: dict[FlagKind, list[tuple[RecordedChange, Item]]] = {kind: [] for kind in FlagKind}
    for change in told:
        groups[strongest(change)].append((change, tell(change, report)))
    links, entries = _linked(report)
    return View(
        title=visible(report.title),
        at=instant(report.at),
        summary=summary(report, told),
        unseen=unseen(report) if any(map(is_waiting, told)) else "",
        notes=tuple(_notes(report)),
        substantive=with_twins(joined(groups[FlagKind.SUBSTANTIVE])),
        editorial=with_twins(joined(groups[FlagKind.EDITORIAL])),
        others=joined(groups[FlagKind.NONE]),
        linked=links,
        entries=entries,
        held=tuple(_held(report, changes)),
        troubles=tuple(one for one in troubles(report) if not one.held),
        health=in_one_line(report),
    )


def _linked(report: Report) -> tuple[tuple[Linked, ...], str]:
    """What is told of links, and the lines that would watch what they lead to."""
    if not report.links:
        return (), ""
    from monitor.report import linked  # noqa: PLC0415  what tells links apart; most rounds found none

    return linked.worded(report), linked.entries(report)


def ordered(report: Report) -> list[RecordedChange]:
    """The changes of a report and of its results, each once, what waits for a reviewer first."""
    found = list(report.changes)
    found += [result.change for result in report.results if result.change and result.change not in found]
    return sorted(found, key=rank)


def rank(change: RecordedChange) -> tuple[bool, int, bool, str, datetime, int]:
    """Sorts by whether it is settled, then by severity, then by document and time."""
    settled = change.state in (ReviewState.VERIFIED, ReviewState.DISMISSED) or bool(change.reverted_at)
    worst = most_severe(flags(change))
    judged = change.change
    return settled, worst, not judged.confirmed, judged.document, judged.at, change.id


def is_held(change: RecordedChange) -> bool:
    """Whether a change is told only as not announced; a flagged one that waits is told as unconfirmed."""
    if change.change.technical or change.withdrawn:
        return True
    return not change.change.alert and (change.change.confirmed or not flags(change))


def strongest(change: RecordedChange) -> FlagKind:
    kinds = {flag.kind for flag in change.change.flags}
    return next((kind for kind in (FlagKind.SUBSTANTIVE, FlagKind.EDITORIAL) if kind in kinds), FlagKind.NONE)


def summary(report: Report, told: Iterable[RecordedChange]) -> str:
    """What waits for a reviewer, or that nothing does, and what was looked at, in one plain sentence."""
    told = tuple(told)
    waiting = list(filter(is_waiting, told))
    if waiting:
        return _to_review(waiting)
    return " ".join(filter(None, (_nothing(report, told), unseen(report))))


def is_waiting(change: RecordedChange) -> bool:
    return change.state is ReviewState.TO_REVIEW


def _to_review(waiting: list[RecordedChange]) -> str:
    kinds = Counter(KINDS[strongest(change)] for change in waiting)
    named = listed([f"{kinds[kind]} {kind}" for kind in KINDS.values() if kinds[kind]])
    claims = {(doubt.product, doubt.topic) for change in waiting for doubt in change.doubts if doubt.open}
    doubted = f"; {counted(len(claims), 'claim')} in doubt" if claims else ""
    return f"{named} {'change' if len(waiting) == 1 else 'changes'} to review{doubted}."


def _nothing(report: Report, told: tuple[RecordedChange, ...]) -> str:
    changed = f"{counted(len(told), 'change')}, none waiting for a review" if told else "no change"
    if not report.results:
        watched = len(report.watchlist.documents) or len(report.health)
        return f"Nothing to review: {counted(watched, 'document')} watched, {changed}."
    seen = sum(result.outcome in ("first", "unchanged", "changed") for result in report.results)
    checked = counted(len(report.results), "document")
    if not seen and not told:
        return f"Nothing could be seen: {checked} checked."
    return f"Nothing to review: {checked} checked, {seen:,} seen, {changed}."


def _notes(report: Report) -> Iterator[str]:
    if back := recovered(report):
        yield back
    outcomes = Counter(result.outcome for result in report.results)
    if outcomes["first"]:
        yield f"Baseline: {counted(outcomes['first'], 'document')}."
    if outcomes["unchanged"]:
        same = [result for result in report.results if result.outcome == "unchanged"]
        yield f"Unchanged: {counted(len(same), 'document')}{_ways(same)}."
    if outcomes["busy"]:
        busy = [result.document for result in report.results if result.outcome == "busy"]
        yield f"Left to another run that is checking now: {listed(busy)}."


def _ways(same: list[CheckResult]) -> str:
    ways = Counter(visible(result.reasons[0].detail) for result in same if result.reasons)
    if not ways or len(ways) > WAYS:
        return ""
    if len(ways) == 1:
        return f" ({next(iter(ways))})"
    return " (" + "; ".join(f"{count}: {way}" for way, count in ways.most_common()) + ")"


def _held(report: Report, changes: Iterable[RecordedChange]) -> Iterator[Held]:
    for change in filter(is_held, changes):
        number = f"change {change.id}" if change.id else "change"
        yield Held(
            document=change.change.document,
            at=instant(change.change.at),
            what=f"{number}, not announced",
            why=_why_held(change),
        )
    for result in report.results:
        if result.outcome == "doubtful" and not is_still_unseen(report, result):
            why = wording.because(result.reasons)
            what = "doubtful capture, kept apart"
            yield Held(document=result.document, at=instant(result.at), what=what, why=why)
        if rotating := tuple(reason for reason in result.reasons if reason.code == "rotating"):
            why = wording.because(rotating)
            yield Held(document=result.document, at=instant(result.at), what="left out", why=why)


def _why_held(change: RecordedChange) -> str:
    if change.change.technical:
        return "our own reading changed, not the terms (technical)"
    if change.withdrawn:
        return f"{why_withdrawn(change.change)} (withdrawn)"
    if change.change.reasons:
        return wording.because(change.change.reasons)
    return "clauses only moved or were renumbered"
