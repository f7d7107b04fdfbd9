"""Who may check a document, and when: claims that processes on one database respect, and due times."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, func, or_, select, update

from monitor.store.record import ensure_document
from monitor.store.tables import documents


def claim(connection: Connection, document: str, *, by: str, now: datetime, until: datetime) -> bool:
    """Whether the document is now kept for `by`; a claim that ran out is free to take."""
    ensure_document(connection, document)
    free = or_(documents.c.claimed_until.is_(None), documents.c.claimed_until < now)
    taken = connection.execute(
        update(documents).where(documents.c.id == document, free).values(claimed_by=by, claimed_until=until)
    )
    return taken.rowcount == 1


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


def set_next_check(connection: Connection, document: str, at: datetime) -> None:
    ensure_document(connection, document)
    connection.execute(update(documents).where(documents.c.id == document).values(next_check=at))
