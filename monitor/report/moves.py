"""How a published position moved: what held from when on, told from the events of its story."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from monitor.ledger import Event, EventKind, as_claim
from monitor.report import wording
from monitor.report.picture import Step


def moves(events: Iterable[Event]) -> list[Step]:
    """What held from when on, and when it was in doubt; what was undone held nothing."""
    steps: list[Step] = []
    for at, words, doubtful in _course(events):
        if steps and (steps[-1].words, steps[-1].doubtful) == (words, doubtful):
            continue
        if steps and steps[-1].at == at:
            steps.pop()
        steps.append(Step(at, words, doubtful))
    return steps


def _course(events: Iterable[Event]) -> Iterator[tuple[datetime, str, bool]]:
    """After each event that counts: the value in force, and whether a doubt about it is open."""
    words, verified, waiting = "no claim", date.min, set[int]()
    for event in events:
        step = event.step
        if step and (step.undone_by or step.undoes):
            continue
        if event.kind is EventKind.PUBLISHED:
            day = max((claim.verified for claim in event.claims if claim.verified), default=date.min)
            if day < verified:
                continue  # an answer that is newer than what was published stays in force
            words = " or ".join(dict.fromkeys(map(wording.value, event.claims))) or "no claim"
        elif step and step.verification and event.kind is EventKind.VERIFIED:
            words, verified = wording.value(as_claim(step.verification)), step.at.date()
        if event.doubt:
            waiting.add(event.doubt.id)
        waiting -= set(step.settled) if step else set()
        yield event.at, words, bool(waiting)
