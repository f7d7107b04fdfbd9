"""Replaying a history: each of its records is judged as a check would have judged it then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.check import judged
from monitor.errors import UsageError
from monitor.guard import SOFT
from monitor.judge import Knowledge, joint
from monitor.model import (
    Capture,
    Changed,
    CheckResult,
    Confirm,
    Document,
    Doubtful,
    Failed,
    First,
    Held,
    ImportMark,
    Outcome,
    Previous,
    Render,
    VersionInfo,
)
from monitor.reader import unchanged_bytes
from monitor.store import Store

STOOD = timedelta(hours=13)
"""A text that an archive had for longer was seen by it more than once: they look every 12 hours."""

STAGED = "~past"
"""What the name of a document ends in under which its past is recorded until all of it is there."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """One text of a document, as a history made elsewhere has it."""

    name: str  # of the record at its source
    capture: Capture  # its source names the history
    technical: bool = False  # the same page, read by another program or with other selectors
    stood: bool = True  # it was seen more than once
    alone: bool = False  # nobody looked again soon: a change counts, but what is doubted is not believed


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Which part of a history can be recorded, and where."""

    document: Document
    target: str  # the document under whose name it is recorded
    since: datetime | None = None  # nothing of before counts
    until: datetime | None = None  # and nothing from then on
    seen: frozenset[datetime] = frozenset()  # the records that an earlier run did, by their times
    left: tuple[
        str, ...
    ] = ()  # codes of reasons that a person mends: what is doubted for them is tried again

    @property
    def staged(self) -> bool:
        return self.target != self.document.id

    def fits(self, at: datetime) -> bool:
        """Whether a record of that time has its place here, and is not there yet."""
        after = self.since is None or at > self.since
        return after and (self.until is None or at < self.until) and at not in self.seen


def plans(document: Document, origin: str, store: Store) -> Iterator[Plan]:
    """Which parts of a history fit: all of a new document's, else what is older than its first version.

    What is newer fits too as long as all that there is was imported: it is not seen by ourselves yet. Each
    is to be finished before the next is asked for. What an earlier run was cut off in comes first;
    UsageError where that brought in a history from elsewhere: `origin` is how our sources begin.
    """
    staged = f"{document.id}{STAGED}"
    (begun,) = store.health([staged])
    if begun.last_check and (own := store.versions(document.id)):
        _refuse_another(document, store.versions(staged), origin)
        yield Plan(document=document, target=staged, since=begun.last_check, until=own[0].at)
    own = store.versions(document.id)
    seen = store.check_times(document.id)
    if not own:
        yield Plan(document=document, target=document.id, seen=seen)
        return
    yield Plan(document=document, target=staged, until=own[0].at, seen=seen)
    if all(version.source for version in own):
        yield Plan(document=document, target=document.id, since=own[-1].at, seen=seen)


def _refuse_another(document: Document, staged: Sequence[VersionInfo], origin: str) -> None:
    if staged and not staged[-1].source.startswith(origin):
        raise UsageError(
            f"{document.id}: an import was cut off before its end, from {staged[-1].source};"
            " run that one again first"
        )


def replay(
    plan: Plan, source: str, records: Iterable[Record], store: Store, knowledge: Knowledge
) -> Iterator[CheckResult]:
    """Record what each record ends in; whatever cuts this off, another run goes on where it was.

    What is doubted for a reason that the plan leaves is told, and left to another run.
    """
    for record in records:
        at = record.capture.at
        outcome = _outcome(plan, record, store, knowledge)
        if isinstance(outcome, Doubtful) and any(one.code in plan.left for one in outcome.reasons):
            yield CheckResult(document=plan.document.id, at=at, outcome="doubtful", reasons=outcome.reasons)
            continue
        reached = ImportMark(source=source, document=plan.target, done=record.name, at=at)
        yield store.record_past(_under(plan.target, outcome), started=at, reached=reached)


def finish(plan: Plan, store: Store, knowledge: Knowledge) -> bool:
    """Put a staged past before the document's first version, with what differs between the two.

    False where nothing was staged.
    """
    if not plan.staged or not store.health([plan.target])[0].last_check:
        return False
    past, own = store.versions(plan.target), store.versions(plan.document.id)
    seam = None
    if past:
        last, first = store.version(past[-1].id), store.version(own[0].id)
        seam = joint(plan.document, replace(last, document=plan.document.id), first, knowledge)
    store.put_before(plan.target, plan.document.id, seam)
    return True


def _outcome(plan: Plan, record: Record, store: Store, knowledge: Knowledge) -> Outcome:
    confirm = Confirm.OFF if record.stood or record.alone else Confirm.NEXT_CHECK
    document = replace(plan.document, confirm=confirm, render=Render.HTTP, url=record.capture.url)
    if same := unchanged_bytes(document, record.capture, store.known(plan.target)):
        return same
    previous = store.previous(plan.target)
    if previous.version and previous.version.at > record.capture.at:
        raise UsageError(f"{document.id} was checked meanwhile; stop what checks it, and import again")
    outcome = judged(document, record.capture, previous, knowledge)
    if isinstance(outcome, Failed) and (part := _missing(outcome)):
        raise UsageError(f"{document.id}: {part}; then import again")
    if isinstance(outcome, Doubtful) and (record.stood or record.technical) and _only_waits(outcome):
        outcome = judged(document, record.capture, _with_held(previous, outcome), knowledge)
    return _as_technical(outcome) if record.technical and isinstance(outcome, Changed) else outcome


def _missing(failed: Failed) -> str:
    """What to install before records like this one can be read; they would count as done without it."""
    return next((reason.detail for reason in failed.reasons if reason.code == "missing-extra"), "")


def _only_waits(doubtful: Doubtful) -> bool:
    """Whether all that is asked for is to see the same text again."""
    return {reason.code for reason in doubtful.reasons} <= SOFT


def _with_held(previous: Previous, doubtful: Doubtful) -> Previous:
    """As if the text had been seen and held before: its archive saw it again."""
    held = Held(
        at=doubtful.at,
        sha256=doubtful.capture.sha256,
        fingerprint=doubtful.fingerprint,
        reasons=doubtful.reasons,
    )
    return replace(previous, held=(*previous.held, held))


def _as_technical(changed: Changed) -> Changed:
    change = replace(changed.change, technical=True, alert=False, confirmed=True)
    return replace(changed, change=change, doubts=(), version=replace(changed.version, confirmed=True))


def _under(name: str, outcome: Outcome) -> Outcome:
    """The outcome as one of the document of that name, without the links: they are for today's looks."""
    if isinstance(outcome, First | Changed):
        outcome = replace(outcome, version=replace(outcome.version, document=name))
    if isinstance(outcome, Changed):
        outcome = replace(outcome, change=replace(outcome.change, document=name))
    if isinstance(outcome, Doubtful | Failed):
        return replace(outcome, document=name)
    return replace(outcome, document=name, links=None)
