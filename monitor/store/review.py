"""Writing people's answers: verifications and dismissals, and what they close."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, exists, select, update

from monitor.errors import UsageError
from monitor.model import ReviewState, Verification
from monitor.store import codec, queries
from monitor.store.rows import add
from monitor.store.tables import changes, doubts, verifications


def verify(connection: Connection, answer: Verification) -> Verification:
    """Keep an answer, close the open doubts it settles, and the changes that have no other."""
    values = {
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
    number = add(connection, verifications, values)
    _close_doubts(connection, answer, number)
    return replace(answer, id=number)


def _close_doubts(connection: Connection, answer: Verification, number: int) -> None:
    about = (doubts.c.product == answer.product, doubts.c.topic == answer.topic)
    is_open = (doubts.c.closed_by.is_(None), doubts.c.dismissed == 0)
    connection.execute(update(doubts).where(*about, *is_open).values(closed_by=number))
    settled = select(doubts.c.change).where(doubts.c.closed_by == number)
    others = exists().where(doubts.c.change == changes.c.id, *is_open)
    connection.execute(
        update(changes)
        .where(changes.c.id.in_(settled), ~others, changes.c.state == ReviewState.TO_REVIEW)
        .values(state=ReviewState.VERIFIED, decided_at=answer.at, decided_by=answer.by)
    )


def dismiss(connection: Connection, number: int, *, why: str, by: str, at: datetime) -> None:
    """Close a change without an answer, with its open doubts; UsageError when people verified on it."""
    if queries.change(connection, number).state is ReviewState.VERIFIED:
        raise UsageError(f"change {number} is verified already; it cannot be dismissed")
    connection.execute(
        update(changes)
        .where(changes.c.id == number)
        .values(state=ReviewState.DISMISSED, why=why, decided_by=by, decided_at=at)
    )
    is_open = (doubts.c.change == number, doubts.c.closed_by.is_(None))
    connection.execute(update(doubts).where(*is_open).values(dismissed=True))
