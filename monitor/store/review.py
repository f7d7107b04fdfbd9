"""Writing what people do: each a step that is only ever added, and what it settles. Reading: `steps`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from monitor.errors import AnsweredMeanwhile, UsageError
from monitor.model import (
    Acceptance,
    Claim,
    Doubt,
    RecordedChange,
    ReviewState,
    Seen,
    Step,
    StepKind,
    Verification,
)
from monitor.store import codec, queries, search, steps
from monitor.store.postgres import Lock, hold
from monitor.store.record import Written, current, hold_document
from monitor.store.rows import add, among
from monitor.store.tables import (
    captures,
    changes,
    documents,
    publications,
    settlements,
    verifications,
    versions,
)
from monitor.store.tables import steps as step_rows

AGAIN = "nothing of yours was kept; read that, and answer again if it still holds"


# --- answers -----------------------------------------------------------------------------------


def verify(connection: Connection, answer: Verification, seen: Seen) -> Verification:
    """Keep an answer, and settle the doubts that its giver saw, and no other.

    AnsweredMeanwhile, and nothing is kept, when another answered for the claim since.
    """
    hold(connection, Lock.LEDGER)
    _refuse_unread_answer(connection, answer, seen)
    found = _seen_doubts(connection, answer, seen)
    if closed := [doubt for doubt in found if not doubt.open]:
        raise AnsweredMeanwhile(_settled_meanwhile(connection, closed[0]))
    number = _add_step(connection, StepKind.VERIFICATION, at=answer.at, by=answer.by, note=answer.note)
    values = {
        "id": number,
        "product": answer.product,
        "topic": answer.topic,
        "position": answer.position,
        "period": codec.duration_to_json(answer.period) if answer.period else None,
        "at": answer.at,
        "by": answer.by,
        "note": answer.note,
        "version": answer.version,
        "evidence": answer.evidence,
    }
    connection.execute(insert(verifications), values)
    _settle(connection, number, found)
    return replace(answer, id=number)


def _refuse_unread_answer(connection: Connection, answer: Verification, seen: Seen) -> None:
    last = steps.answer_in_force(connection, answer.product, answer.topic)
    if (last.id if last else 0) == seen.answer:
        return
    claim = f"{answer.product} {answer.topic}"
    if last is None or last.id < seen.answer:
        raise AnsweredMeanwhile(f"{claim}: the answer that you saw was undone meanwhile; {AGAIN}")
    raise AnsweredMeanwhile(f"{claim} was answered meanwhile: {told(last)}; {AGAIN}")


def told(answer: Verification) -> str:
    """An answer in one line: its value, who gave it and when, and the note."""
    value = answer.period.text if answer.period else answer.position
    note = f' ("{answer.note}")' if answer.note else ""
    return f"{value}, verified {answer.at:%Y-%m-%d %H:%M} UTC by {answer.by}{note}"


def _seen_doubts(connection: Connection, answer: Verification, seen: Seen) -> tuple[Doubt, ...]:
    found = queries.doubts_by_id(connection, seen.doubts)
    for number in seen.doubts:
        doubt = found.get(number)
        if doubt is None or (doubt.product, doubt.topic) != (answer.product, answer.topic):
            raise UsageError(f"doubt {number} is not about {answer.product} {answer.topic}")
    return tuple(found.values())


def _settled_meanwhile(connection: Connection, doubt: Doubt) -> str:
    """Who settled a doubt, and how."""
    step = steps.step(connection, doubt.settled_by or 0)
    where = f"change {doubt.change} ({doubt.product} {doubt.topic})"
    if step.verification:
        return f"{where} was answered meanwhile: {told(step.verification)}; {AGAIN}"
    return f"{where} was settled meanwhile: {_deed(step)}; {AGAIN}"


def _deed(step: Step) -> str:
    verb = {StepKind.DISMISSAL: "dismissed", StepKind.UNDO: "taken back"}.get(step.kind, step.kind.value)
    note = f": {step.note}" if step.note else ""
    return f"{verb} {step.at:%Y-%m-%d %H:%M} UTC by {step.by}{note}"


def dismiss(  # noqa: PLR0913  each is part of the step
    connection: Connection, number: int, *, why: str, by: str, at: datetime, seen: Iterable[int]
) -> Step:
    """Close a change without an answer, with its open doubts, of which `seen` are those that were in view.

    UsageError when people verified on it; AnsweredMeanwhile when it is dismissed, or its doubts are others.
    """
    hold(connection, Lock.LEDGER)
    # What a check finds out about the change meanwhile is either seen here, or comes after.
    hold_document(connection, queries.change(connection, number).change.document)
    change = queries.change(connection, number)
    if change.dismissal:
        before = steps.step(connection, change.dismissal)
        raise AnsweredMeanwhile(f"change {number} is settled already: {_deed(before)}")
    _refuse_unread_doubts(connection, change, frozenset(seen))
    if change.state is ReviewState.VERIFIED:
        raise UsageError(f"change {number} is verified already; it cannot be dismissed")
    facts = {"change": number, "confirmed": change.change.confirmed}
    step = _add_step(connection, StepKind.DISMISSAL, at=at, by=by, note=why, **facts)
    _settle(connection, step, [doubt for doubt in change.doubts if doubt.open])
    return steps.step(connection, step)


def _refuse_unread_doubts(connection: Connection, change: RecordedChange, seen: frozenset[int]) -> None:
    for doubt in change.doubts:
        if doubt.id in seen and not doubt.open:
            raise AnsweredMeanwhile(_settled_meanwhile(connection, doubt))
        if doubt.open and doubt.id not in seen:
            claim = f"{doubt.product} {doubt.topic}"
            raise AnsweredMeanwhile(
                f"change {change.id} puts {claim} in doubt, which you did not see; {AGAIN}"
            )


def accepted(connection: Connection, document: str, written: Written, word: Acceptance, at: datetime) -> None:
    """Keep who took a doubtful capture for the document, and what that made."""
    made = written.version if written.outcome in ("first", "changed") else None
    facts = {"document": document, "version": made, "change": written.change, "confirmed": True}
    _add_step(connection, StepKind.ACCEPTANCE, at=at, by=word.by, note=word.why, **facts)


def _add_step(connection: Connection, kind: StepKind, **facts: object) -> int:
    return add(connection, step_rows, {"kind": kind.value, "confirmed": False, **facts})


def _settle(connection: Connection, step: int, closed: Iterable[Doubt]) -> None:
    for doubt in closed:
        connection.execute(insert(settlements), {"step": step, "doubt": doubt.id})


# --- taking back -------------------------------------------------------------------------------


def undo(connection: Connection, number: int, *, by: str, at: datetime, why: str = "") -> Step:
    """Take a step back by another one; the doubts that it settled are open again.

    UsageError when it cannot be undone, AnsweredMeanwhile when somebody did that already.
    """
    hold(connection, Lock.LEDGER)
    step = steps.step(connection, number)
    if step.kind is StepKind.UNDO:
        raise UsageError(f"step {number} is an undo itself; give the answer again instead")
    if step.undone_by is not None:
        before = steps.step(connection, step.undone_by)
        raise AnsweredMeanwhile(f"step {number} was undone already: {_deed(before)}")
    if step.kind is StepKind.ACCEPTANCE and step.version is not None:
        hold_document(connection, step.document)
        _refuse_built_upon(connection, step)
    undone = _add_step(connection, StepKind.UNDO, at=at, by=by, note=why, undoes=number)
    if step.kind is StepKind.ACCEPTANCE and step.version is not None:
        _withdraw(connection, step, undone, at)
    return steps.step(connection, undone)


def _refuse_built_upon(connection: Connection, step: Step) -> None:
    """UsageError when later versions or answers rest on what was accepted."""
    in_force = current(connection, step.document)
    if in_force is None or in_force.id != step.version:
        raise UsageError(
            f"step {step.id} cannot be undone: {step.document} has a newer version, compared with this one"
        )
    rests = [
        later.id
        for later in steps.all_steps(connection)
        if later.verification and later.undone_by is None and later.verification.version == step.version
    ]
    if rests:
        raise UsageError(
            f"step {rests[-1]} rests on what was accepted; first run: tos-monitor undo {rests[-1]}"
        )


def _withdraw(connection: Connection, step: Step, undone: int, at: datetime) -> None:
    """The accepted text is in force no longer; that of before is, and the next check looks again."""
    of_document = versions.c.document == step.document
    connection.execute(update(versions).where(versions.c.id == step.version).values(confirmed=False))
    search.take_back(connection, step.document, step.at)
    # A text that waits for confirmation was compared with the accepted one.
    waiting = (of_document, versions.c.confirmed == 0, versions.c.withdrawn == 0)
    gone = connection.execute(select(versions.c.id).where(*waiting)).scalars().all()
    connection.execute(update(versions).where(among(connection, versions.c.id, gone)).values(withdrawn=True))
    to_these = among(connection, changes.c.after, gone)
    connection.execute(update(changes).where(to_these).values(withdrawn=True, state=ReviewState.NOTHING))
    if step.change is not None:
        change = queries.change(connection, step.change)
        _settle(connection, undone, [doubt for doubt in change.doubts if doubt.open])
        _unrevert(connection, step)
    _look_again(connection, step.document, at)


def _unrevert(connection: Connection, step: Step) -> None:
    """What the accepted text had reverted stands again."""
    reverted = (changes.c.document == step.document, changes.c.reverted_at == step.at)
    connection.execute(update(changes).where(*reverted).values(reverted_at=None))


def _look_again(connection: Connection, document: str, at: datetime) -> None:
    in_force = current(connection, document)
    seen = select(captures.c.sha256).where(captures.c.id == in_force.capture) if in_force else None
    told = (changes.c.document == document, changes.c.confirmed_at.is_not(None), changes.c.withdrawn == 0)
    last = select(func.max(changes.c.confirmed_at)).where(*told, changes.c.technical == 0)
    values = {
        "seen_sha256": connection.execute(seen).scalar_one() if seen is not None else "",
        "seen_url": "",
        "etag": "",
        "last_modified": "",
        "last_good": in_force.last_seen if in_force else None,
        "last_change": connection.execute(last).scalar_one(),
        "next_check": at,
    }
    connection.execute(update(documents).where(documents.c.id == document).values(values))


# --- what is published -------------------------------------------------------------------------


def publish(
    connection: Connection, claims: Mapping[tuple[str, str], tuple[Claim, ...]], at: datetime
) -> None:
    """Keep what the watchlist says where it is not what it said before."""
    hold(connection, Lock.LEDGER)
    known = steps.published_last(connection)
    for (product, topic), said in claims.items():
        if known.get((product, topic), ()) != said:
            values = {"product": product, "topic": topic, "at": at, "claims": codec.claims_to_json(said)}
            connection.execute(insert(publications), values)
