"""How the watching of a document goes: what of it is told when, and what is an alarm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.model import CheckResult, Document, Health, Reason
from monitor.schedule import gap

UNSEEN = ("doubtful", "failed")
"""Outcomes of checks that did not see the document."""

REMIND_EVERY = timedelta(days=7)
LONG = timedelta(days=7)
LONG_INTERVALS = 4  # of a document's schedule, where that is longer
LOOK_BACK = timedelta(days=180)
SHRUNK_TO = 0.5  # of the longest version in that time


class Telling(StrEnum):
    """How a check's report tells of a document that was not seen."""

    STARTED = "started"  # in full: the check before this one saw it
    REMINDED = "reminded"  # in full again
    STILL = "still"  # counted in one line


@dataclass(frozen=True)
class Recovery:
    """A document was seen again: after how many checks that did not see it, and how long it was away."""

    checks: int
    after: timedelta


def in_trouble(health: Health) -> bool:
    return bool(health.failures) or health.outcome in UNSEEN


def telling(result: CheckResult, document: Document | None) -> Telling | None:
    """How this result is told; None for a document that was seen, or that another run checks."""
    if result.outcome not in UNSEEN:
        return None
    before = result.before
    if before is None or not before.failures or before.last_check is None:
        return Telling.STARTED
    start = _away_since(before)
    reminders = _reminders(start, result.at) - _reminders(start, before.last_check)
    long_now, long_then = (unseen_for_long(before, document, at) for at in (result.at, before.last_check))
    return Telling.REMINDED if reminders or long_now != long_then else Telling.STILL


def recovery(result: CheckResult) -> Recovery | None:
    """That the document was seen again; None where it was not missed, or is not seen."""
    before = result.before
    if before is None or not before.failures or result.outcome in (*UNSEEN, "busy"):
        return None
    start = _away_since(before)
    return Recovery(before.failures, result.at - start if start else timedelta(0))


def alarms(health: Health, document: Document | None, now: datetime) -> tuple[Reason, ...]:
    """What a person should look at, whatever the checks do: not seen for long, or silently shrunk."""
    found = []
    if unseen_for_long(health, document, now) and (start := _away_since(health)):
        days = (now - start).days
        seen = "not seen" if health.last_good else "never seen"
        found.append(Reason("unseen", f"{seen} for {days} days"))
    if shrunk := _longest(health, now):
        found.append(
            Reason("shrunk", f"{health.words:,} words are left of {shrunk:,} within {LOOK_BACK.days} days")
        )
    return tuple(found)


def unseen_for_long(health: Health, document: Document | None, now: datetime) -> bool:
    """Whether a document was last seen longer ago than its schedule explains, checked or not."""
    start = _away_since(health)
    every = gap(document.schedule, start) if document and start else timedelta(0)
    return start is not None and now - start >= max(LONG, LONG_INTERVALS * every)


def new_alarms(result: CheckResult, after: Health, document: Document | None) -> tuple[Reason, ...]:
    """The alarms that a check set off or reminds of."""
    found = alarms(after, document, result.at)
    before = result.before
    if before is None or before.last_check is None or telling(result, document) is Telling.REMINDED:
        return found
    known = {alarm.code for alarm in alarms(before, document, before.last_check)}
    return tuple(alarm for alarm in found if alarm.code not in known)


def _longest(health: Health, now: datetime) -> int:
    """The words of the longest version lately in force, if the present one is so much shorter; else 0."""
    longest = max((words for seen, words in health.lengths if now - seen <= LOOK_BACK), default=0)
    return longest if health.words < SHRUNK_TO * longest else 0


def _away_since(health: Health) -> datetime | None:
    """When the document was last seen, or, if it never was, first not seen."""
    return health.last_good or health.since


def _reminders(start: datetime | None, at: datetime) -> int:
    return (at - start) // REMIND_EVERY if start else 0
