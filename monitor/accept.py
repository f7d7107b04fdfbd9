"""A person takes a doubtful capture for the document: the very same judgement, with the guard overruled."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from monitor.check import CLAIMED_FOR, Parts, knowledge_of
from monitor.errors import UsageError
from monitor.judge import judge
from monitor.model import (
    Acceptance,
    Changed,
    CheckResult,
    Document,
    Doubtful,
    Failed,
    Held,
    Outcome,
)
from monitor.schedule import next_check


def accept(document: Document, parts: Parts, *, by: str, why: str = "") -> CheckResult:
    """Make the newest doubtful capture the version in force, and tell what changed with it.

    UsageError when none waits, when it holds no text, or while another run checks the document.
    """
    now = parts.clock()
    if not parts.store.claim(document.id, by=parts.claimant, now=now, until=now + CLAIMED_FOR):
        raise UsageError(f"{document.id} is being checked by another run; accept it again in a minute")
    try:
        outcome, word = _judged(document, parts, by, why)
        outcome = _decided(outcome, now)
        due = next_check(document, outcome, now, failures=0)
        return parts.store.record(
            outcome, next_check=due, started=now, accepted=word, watchlist=parts.watchlist
        )
    finally:
        parts.store.release(document.id, by=parts.claimant)


def _judged(document: Document, parts: Parts, by: str, why: str) -> tuple[Outcome, Acceptance]:
    previous = parts.store.previous(document.id, with_capture=True)
    if not previous.held:
        raise UsageError(_nothing_waits(document, parts))
    held = previous.held[-1]
    # The same bytes may have come long before; these are the ones that came last.
    capture = replace(parts.store.doubtful_capture(document.id, held.sha256), at=held.at)
    word = Acceptance(sha256=held.sha256, by=by, why=why)
    outcome = judge(document, capture, replace(previous, accepted=word), knowledge_of(document, parts))
    if isinstance(outcome, Doubtful | Failed):
        raise UsageError(_cannot(document, held, outcome))
    return outcome, word


def _decided(outcome: Outcome, now: datetime) -> Outcome:
    """The outcome as of the person's decision; the version keeps the time at which it was captured."""
    if isinstance(outcome, Changed):
        doubts = tuple(replace(doubt, at=now) for doubt in outcome.doubts)
        return replace(outcome, at=now, change=replace(outcome.change, at=now), doubts=doubts)
    return replace(outcome, at=now)


def _nothing_waits(document: Document, parts: Parts) -> str:
    (health,) = parts.store.health([document.id])
    if health.last_good and not health.failures:
        seen = f"{health.last_good:%Y-%m-%d %H:%M} UTC"
        return f"{document.id}: nothing doubtful is waiting; the document was seen {seen}"
    return f"{document.id}: nothing doubtful is waiting; run: tos-monitor check {document.id}"


def _cannot(document: Document, held: Held, outcome: Doubtful | Failed) -> str:
    reasons = "; ".join(reason.detail for reason in outcome.reasons)
    return f"{document.id}: the capture of {held.at:%Y-%m-%d %H:%M} UTC cannot be accepted: {reasons}"
