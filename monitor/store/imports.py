"""Histories made elsewhere: how far each import got, and putting one before what was seen here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from monitor.model import Changed, ImportMark, ReviewState
from monitor.store import search
from monitor.store.pack import Pack
from monitor.store.record import LAST_FIRST, add_change, add_doubts, hold_document
from monitor.store.rows import AnyRow
from monitor.store.tables import captures, changes, checks, clauses, documents, imports, versions


def mark(connection: Connection, source: str, document: str) -> ImportMark | None:
    """How far the import of a document's history from there got; None where none began."""
    query = select(imports).where(imports.c.source == source, imports.c.document == document)
    row = connection.execute(query).one_or_none()
    return ImportMark(source=row.source, document=row.document, done=row.done, at=row.at) if row else None


def keep_mark(connection: Connection, reached: ImportMark) -> None:
    mine = (imports.c.source == reached.source, imports.c.document == reached.document)
    found = {"done": reached.done, "at": reached.at}
    if not connection.execute(update(imports).where(*mine).values(found)).rowcount:
        connection.execute(insert(imports), vars(reached))


def reach(connection: Connection, reached: ImportMark, document: str) -> None:
    """Keep that an import got so far, with a record of a document just written.

    What others saw or failed to see says nothing of how our watching goes.
    """
    keep_mark(connection, reached)
    unseen = {"last_good": None, "since": None, "failures": 0}
    connection.execute(update(documents).where(documents.c.id == document).values(unseen))


def put_before(
    connection: Connection, staged: str, document: str, seam: Changed | None, packed: Pack
) -> None:
    """Make what was recorded as document `staged` the past of another, before its first version.

    `seam` is the difference between the last staged version and the first own one, where they differ.
    """
    for one in sorted((staged, document)):
        hold_document(connection, one)
    accepted = versions.c.confirmed == 1
    last = connection.execute(
        select(versions).where(versions.c.document == staged, accepted).order_by(*LAST_FIRST).limit(1)
    ).one_or_none()
    oldest_first = (versions.c.era, versions.c.id)
    first = connection.execute(
        select(versions).where(versions.c.document == document, accepted).order_by(*oldest_first).limit(1)
    ).one()
    _withdraw_waiting(connection, staged)
    earliest = select(func.min(versions.c.era)).where(versions.c.document == document)
    era = connection.execute(earliest).scalar_one() - 1
    connection.execute(update(versions).where(versions.c.document == staged).values(era=era))
    _join_clauses(connection, staged, document, first.at)
    for table in (captures, versions, changes, checks, clauses):
        connection.execute(update(table).where(table.c.document == staged).values(document=document))
    if seam is not None and last is not None:
        _keep_seam(connection, seam, packed, last, first)
    connection.execute(delete(imports).where(imports.c.document == staged))
    connection.execute(delete(documents).where(documents.c.id == staged))


def _withdraw_waiting(connection: Connection, document: str) -> None:
    """A text that nobody saw a second time before others began to look: nothing can confirm it any more."""
    waits = (versions.c.document == document, versions.c.confirmed == 0, versions.c.withdrawn == 0)
    numbers = list(connection.scalars(select(versions.c.id).where(*waits)))
    gone = {"withdrawn": True, "state": ReviewState.NOTHING}
    connection.execute(update(changes).where(changes.c.after.in_(numbers)).values(gone))
    connection.execute(update(versions).where(versions.c.id.in_(numbers)).values(withdrawn=True))


def _join_clauses(connection: Connection, staged: str, document: str, joined: datetime) -> None:
    """What stood at the end of the staged history stands on, or went, when the own history began."""
    standing = (clauses.c.document == staged, clauses.c.until.is_(None))
    columns = select(clauses.c.digest, clauses.c.id, clauses.c.since)
    before = {row.digest: row for row in connection.execute(columns.where(*standing)).all()}
    began = columns.where(clauses.c.document == document, clauses.c.since == joined)
    for row in connection.execute(began).all():
        if same := before.get(row.digest):
            longer = update(clauses).where(clauses.c.id == row.id).values(since=same.since)
            connection.execute(longer)
            search.forget(connection, [same.id])
    connection.execute(update(clauses).where(*standing).values(until=joined))


def _keep_seam(connection: Connection, seam: Changed, packed: Pack, last: AnyRow, first: AnyRow) -> None:
    number = add_change(connection, seam.change, last.id, first.id, packed)
    # What went on before anybody looked is nobody's to review, but for the claims that it puts in doubt.
    quiet = {"state": ReviewState.NOTHING, "at": first.at, "confirmed_at": first.at}
    connection.execute(update(changes).where(changes.c.id == number).values(quiet))
    add_doubts(connection, seam.doubts, number)
