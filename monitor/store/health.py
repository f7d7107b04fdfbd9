"""How the watching of each document goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Column, ColumnElement, Connection, bindparam, select, true

from monitor.model import Health
from monitor.store import codec
from monitor.store.rows import AT_ONCE, AnyRow
from monitor.store.tables import documents, versions

# A check asks for one document: its statements are built once.
_ONE = select(documents).where(documents.c.id == bindparam("document"))
_SEEN = (
    select(*versions.c["document", "id", "language", "words", "last_seen"])
    .where(versions.c.confirmed == 1)
    .order_by(versions.c.era, versions.c.id)
)
_SEEN_OF_ONE = _SEEN.where(versions.c.document == bindparam("document"))

Seen = Sequence[AnyRow]
"""A document's confirmed versions, oldest first: number, language, words, and when each was last seen."""


def health(connection: Connection, document_ids: Sequence[str]) -> tuple[Health, ...]:
    """How each of these documents does, in the order asked; one never checked has nothing but its name."""
    rows = connection.execute(select(documents).where(_among(documents.c.id, document_ids))).all()
    by_id = {row.id: row for row in rows}
    seen = _seen(connection, document_ids)
    return tuple(
        _health(by_id[document], seen.get(document, ())) if document in by_id else Health(document=document)
        for document in document_ids
    )


def row_of(connection: Connection, document: str) -> AnyRow | None:
    """The document's row; None where there is none yet."""
    return connection.execute(_ONE, {"document": document}).one_or_none()


def of_one(connection: Connection, document: str) -> Health:
    """How one document does."""
    return of_row(connection, document, row_of(connection, document))


def of_row(connection: Connection, document: str, row: AnyRow | None) -> Health:
    """How the document of this row does."""
    if row is None:
        return Health(document=document)
    return _health(row, connection.execute(_SEEN_OF_ONE, {"document": document}).all())


def _seen(connection: Connection, document_ids: Sequence[str]) -> dict[str, Seen]:
    found: dict[str, list[AnyRow]] = defaultdict(list)
    for row in connection.execute(_SEEN.where(_among(versions.c.document, document_ids))):
        found[row.document].append(row)
    return dict(found)


def _among(column: Column[str], values: Sequence[str]) -> ColumnElement[bool]:
    """A narrowing to these values; none where they are so many that reading all is no dearer."""
    return column.in_(values) if len(values) <= AT_ONCE else true()


def _health(row: AnyRow, seen: Seen) -> Health:
    return Health(
        document=row.id,
        last_check=row.last_check,
        last_good=row.last_good,
        last_change=row.last_change,
        next_check=row.next_check,
        outcome=row.outcome,
        since=row.since,
        failures=row.failures,
        reasons=codec.reasons_from_json(row.reasons),
        versions=len(seen),
        version=seen[-1].id if seen else 0,
        language=seen[-1].language if seen else "",
        words=seen[-1].words if seen else 0,
        lengths=tuple((one.last_seen, one.words) for one in seen),
    )


def failures(connection: Connection, document: str) -> int:
    query = select(documents.c.failures).where(documents.c.id == document)
    return connection.execute(query).scalar_one_or_none() or 0
