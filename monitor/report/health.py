"""How the watching of the documents goes, in words: what was not seen, what came back, what is an alarm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.health import (
    REMIND_EVERY,
    UNSEEN,
    Telling,
    alarms,
    in_trouble,
    new_alarms,
    recovery,
    telling,
)
from monitor.model import CheckResult, Health, Reason, Report
from monitor.report import wording
from monitor.report.wording import counted, instant, listed, span, visible

NO_REASON = "no reason recorded"


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """A document that its last check did not see, or that a person should look at."""

    document: str
    held: bool = False  # its doubtful capture is told as held back, with the same reasons
    since: str = ""  # "since 2026-11-18 06:00 UTC", "never" or "this time"; "" for one that is seen
    why: str = ""
    next: str = ""
    alarms: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        alarm = f"ALARM: {listed(list(self.alarms))}" if self.alarms else ""
        missed = "never seen" if self.since == "never" else f"not seen {self.since}"
        return "; ".join(filter(None, (alarm, missed if self.since else "", self.why, self.next)))


def troubles(report: Report) -> tuple[Trouble, ...]:
    """What is told in full, longest unseen first; of a run what it found or reminds of, else all."""
    results = {result.document: result for result in report.results}
    told = [one for one in report.health if _alarms(report, one, results) or _is_told(report, one, results)]
    told.sort(key=lambda one: (not in_trouble(one), instant(one.since or one.last_good), one.document))
    known = {one.document for one in report.health}
    here = [result for result in report.results if result.outcome in UNSEEN and result.document not in known]
    return (*(_trouble(one, _alarms(report, one, results)) for one in told), *map(_trouble_here, here))


def _is_told(report: Report, health: Health, results: dict[str, CheckResult]) -> bool:
    if not in_trouble(health):
        return False
    return not results or _telling(report, results.get(health.document)) in (
        Telling.STARTED,
        Telling.REMINDED,
    )


def _telling(report: Report, result: CheckResult | None) -> Telling | None:
    """How a document of a run is told; one that another run checks now is as it was."""
    if result is None or result.outcome == "busy":
        return Telling.STILL
    return telling(result, report.watchlist.documents.get(result.document))


def is_still_unseen(report: Report, result: CheckResult) -> bool:
    """Whether an earlier report told this trouble in full, and this one only counts it."""
    return _telling(report, result) is Telling.STILL


def _alarms(report: Report, health: Health, results: dict[str, CheckResult]) -> tuple[Reason, ...]:
    document = report.watchlist.documents.get(health.document)
    if not results:
        return alarms(health, document, report.at)
    result = results.get(health.document)
    return new_alarms(result, health, document) if result else ()


def _trouble(health: Health, found: tuple[Reason, ...]) -> Trouble:
    said = tuple(alarm.detail for alarm in found)
    if not in_trouble(health):
        return Trouble(document=health.document, alarms=said)
    times = f", {health.failures} checks in a row" if health.failures > 1 else ""
    return Trouble(
        document=health.document,
        since=_since(health),
        why=f"{health.outcome or 'failed'}{times}: {wording.because(health.reasons) or NO_REASON}",
        next=f"next try {instant(health.next_check)}" if health.next_check else "",
        alarms=said,
    )


def _since(health: Health) -> str:
    return f"since {instant(health.last_good)}" if health.last_good else "never"


def _trouble_here(result: CheckResult) -> Trouble:
    """The same of a result alone, for a report that was given no health."""
    why = f"{result.outcome}: {wording.because(result.reasons) or NO_REASON}"
    held = result.outcome == "doubtful"
    return Trouble(document=result.document, held=held, since="this time", why=why)


def unseen(report: Report) -> str:
    """Which documents were not seen and since when, and what else is an alarm; "" when nothing is."""
    told = troubles(report)
    missing = [f"{one.document} ({one.since})" for one in told if one.since]
    other = [f"{one.document} ({listed(list(one.alarms))})" for one in told if not one.since]
    lines = (
        f"NOT seen: {listed(missing)}." if missing else "",
        _still(report),
        f"ALARM: {listed(other)}." if other else "",
    )
    return " ".join(filter(None, lines))


def _still(report: Report) -> str:
    """The documents whose trouble was told before, in one line."""
    results = {result.document: result for result in report.results}
    waiting = [
        one for one in report.health if results and in_trouble(one) and not _is_told(report, one, results)
    ]
    if not waiting:
        return ""
    named = listed(
        [f"{one.document} ({_since(one)})" for one in sorted(waiting, key=lambda one: one.document)]
    )
    status = wording.command("status", report.options)
    again = f"told in full every {REMIND_EVERY.days} days and by {status}"
    return f"Still not seen: {counted(len(waiting), 'document')}, {named}; {again}."


def recovered(report: Report) -> str:
    """Which documents a run saw again, and after how long; "" when none was missed."""
    return f"Seen again: {listed(list(_recovered(report)))}." if any(_recovered(report)) else ""


def _recovered(report: Report) -> Iterator[str]:
    for result in report.results:
        if back := recovery(result):
            yield f"{result.document} (after {counted(back.checks, 'check')}, {span(back.after)})"


def state(health: Health, found: tuple[Reason, ...] = ()) -> str:
    """How a document stands, in a word or two; `troubles` tells since when and why."""
    word = (
        health.outcome or "failed" if in_trouble(health) else "seen" if health.last_check else "never checked"
    )
    words = (word, "not understood" if health.unread else "", "alarm" if found else "")
    return ", ".join(filter(None, words))


def in_one_line(report: Report) -> str:
    """How many documents their last check saw; "" where no health was asked for."""
    if not report.health:
        return ""
    good = sum(not in_trouble(health) and health.last_check is not None for health in report.health)
    never = [health.document for health in report.health if health.last_check is None]
    missing = f"; never checked: {listed(never)}" if never else ""
    seen = f"{good:,} of {counted(len(report.health), 'document')} seen at their last check{missing}."
    return " ".join(filter(None, (seen, not_understood(report))))


def not_understood(report: Report) -> str:
    """Which documents no rules can read: they are watched, but nothing in them is flagged for sure."""
    found = [f"{one.document} ({visible(one.unread)})" for one in report.health if one.unread]
    return f"Not understood, for want of rules in their language: {listed(found)}." if found else ""
