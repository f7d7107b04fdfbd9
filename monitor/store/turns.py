"""Who may check a document, and when: claims that processes on one database respect, and due times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, or_, select, update

from monitor.errors import TakenOver
from monitor.store import codec
from monitor.store.columns import Instant
from monitor.store.record import ensure_document
from monitor.store.rows import AT_ONCE, AnyRow
from monitor.store.tables import captures, documents, versions
from monitor.tickets import Standing, Ticket

# Statements of every check are built once: building one takes longer than running it.
_CLAIM = (
    update(documents)
    .where(
        documents.c.id == bindparam("document"),
        or_(documents.c.claimed_until.is_(None), documents.c.claimed_until < bindparam("now", type_=Instant)),
    )
    .values(claimed_by=bindparam("by"), claimed_until=bindparam("until"))
)


def claim(connection: Connection, document: str, *, by: str, now: datetime, until: datetime) -> bool:
    """Whether the document is now kept for `by`; a claim that ran out is free to take."""
    values = {"document": document, "now": now, "by": by, "until": until}
    if connection.execute(_CLAIM, values).rowcount == 1:
        return True
    # Mostly it is taken; one that was never seen before has no row that could be.
    ensure_document(connection, document)
    return connection.execute(_CLAIM, values).rowcount == 1


def claim_for(connection: Connection, ticket: Ticket, *, by: str, now: datetime, until: datetime) -> bool:
    """Whether the document is now kept for the check on a ticket, which is still wanted."""
    stands = (
        documents.c.last_check.is_not_distinct_from(ticket.last_check)
        if ticket.asked
        else documents.c.next_check.is_not_distinct_from(ticket.due_at)
    )
    ensure_document(connection, ticket.document)
    free = or_(documents.c.claimed_until.is_(None), documents.c.claimed_until < now)
    taken = connection.execute(
        update(documents)
        .where(documents.c.id == ticket.document, free, stands)
        .values(claimed_by=by, claimed_until=until)
    )
    return taken.rowcount == 1


def require(row: AnyRow | None, document: str, *, by: str) -> None:
    """TakenOver unless the document of this row is still kept for `by`."""
    if row is None or row.claimed_by != by:
        raise TakenOver(f"{document} was taken over by another process, which checks it again")


def release(connection: Connection, document: str, *, by: str) -> None:
    mine = (documents.c.id == document, documents.c.claimed_by == by)
    connection.execute(update(documents).where(*mine).values(claimed_by=None, claimed_until=None))


def claims(connection: Connection) -> dict[str, str]:
    query = select(documents.c.id, documents.c.claimed_by).where(documents.c.claimed_by.is_not(None))
    return {row.id: row.claimed_by for row in connection.execute(query)}


def due(connection: Connection, document_ids: Iterable[str], now: datetime) -> tuple[str, ...]:
    # Nearly all wait at any time: as one text they come five times as fast as in a row each.
    query = select(func.aggregate_strings(documents.c.id, "\n")).where(documents.c.next_check > now)
    waiting = frozenset((connection.execute(query).scalar_one() or "").split("\n"))
    return tuple(document for document in document_ids if document not in waiting)


def due_since(connection: Connection, now: datetime) -> dict[str, datetime]:
    """Since when each document is due that ever was checked."""
    query = select(documents.c.id, documents.c.next_check).where(documents.c.next_check <= now)
    return {row.id: row.next_check for row in connection.execute(query)}


def claimed(connection: Connection, now: datetime) -> frozenset[str]:
    """The documents that somebody keeps to himself now."""
    return frozenset(connection.scalars(select(documents.c.id).where(documents.c.claimed_until >= now)))


def standings(connection: Connection, document_ids: Sequence[str]) -> dict[str, Standing]:
    """How each of these documents stands; one that has no row yet was never checked."""
    of_document = (versions.c.document == documents.c.id, versions.c.confirmed == 1)
    rendered = (
        select(captures.c.rendered)
        .join(versions, versions.c.capture == captures.c.id)
        .where(*of_document)
        .order_by(versions.c.era.desc(), versions.c.id.desc())
        .limit(1)
        .scalar_subquery()
        .label("rendered")
    )
    query = select(
        documents.c.id, documents.c.next_check, documents.c.last_check, documents.c.reasons, rendered
    )
    found = {document: Standing() for document in document_ids}
    for start in range(0, len(document_ids), AT_ONCE):
        some = document_ids[start : start + AT_ONCE]
        for row in connection.execute(query.where(documents.c.id.in_(some))):
            found[row.id] = Standing(
                due_at=row.next_check,
                last_check=row.last_check,
                rendered=bool(row.rendered),
                reasons=codec.reasons_from_json(row.reasons),
            )
    return found


def postpone(connection: Connection, ticket: Ticket, at: datetime) -> None:
    """Let a document be due later, where it is still due as its ticket says."""
    still = documents.c.next_check.is_not_distinct_from(ticket.due_at)
    ensure_document(connection, ticket.document)
    connection.execute(
        update(documents).where(documents.c.id == ticket.document, still).values(next_check=at)
    )


def planned(connection: Connection) -> tuple[tuple[str, datetime, datetime], ...]:
    """The documents that their last check saw: each with when that was, and when the next one is."""
    seen = (
        documents.c.failures == 0,
        documents.c.last_check.is_not(None),
        documents.c.next_check.is_not(None),
    )
    query = select(documents.c.id, documents.c.last_check, documents.c.next_check).where(*seen)
    return tuple((row.id, row.last_check, row.next_check) for row in connection.execute(query))


def set_next_check(connection: Connection, document: str, at: datetime) -> None:
    ensure_document(connection, document)
    connection.execute(update(documents).where(documents.c.id == document).values(next_check=at))


def overdue(connection: Connection, now: datetime) -> dict[str, datetime]:
    query = select(documents.c.id, documents.c.next_check).where(documents.c.next_check < now)
    return {row.id: row.next_check for row in connection.execute(query)}


def reschedule(connection: Connection, times: Sequence[tuple[str, datetime]]) -> None:
    moved = (
        update(documents).where(documents.c.id == bindparam("document")).values(next_check=bindparam("at"))
    )
    connection.execute(moved, [{"document": document, "at": at} for document, at in times])
