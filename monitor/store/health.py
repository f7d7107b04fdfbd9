"""How the watching of each document goes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, ColumnElement, Connection, func, select, true

from monitor.model import Health
from monitor.store import codec
from monitor.store.rows import AT_ONCE, AnyRow
from monitor.store.tables import documents, versions


def health(connection: Connection, document_ids: Sequence[str]) -> tuple[Health, ...]:
    """How each of these documents does, in the order asked; one never checked has nothing but its name."""
    rows = connection.execute(select(documents).where(_among(documents.c.id, document_ids))).all()
    by_id = {row.id: row for row in rows}
    sizes = _sizes(connection, document_ids)
    return tuple(
        _health(by_id[document], *sizes.get(document, (0, 0)))
        if document in by_id
        else Health(document=document)
        for document in document_ids
    )


def _sizes(connection: Connection, document_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """By document: how many confirmed versions there are, and the words of the one in force."""
    accepted = (_among(versions.c.document, document_ids), versions.c.confirmed == 1)
    counted = (
        select(func.max(versions.c.id).label("newest"), func.count().label("number"))
        .where(*accepted)
        .group_by(versions.c.document)
        .subquery()
    )
    query = select(versions.c.document, counted.c.number, versions.c.words)
    rows = connection.execute(query.join(counted, counted.c.newest == versions.c.id)).all()
    return {row.document: (row.number, row.words) for row in rows}


def _among(column: Column[str], values: Sequence[str]) -> ColumnElement[bool]:
    """A narrowing to these values; none where they are so many that reading all is no dearer."""
    return column.in_(values) if len(values) <= AT_ONCE else true()


def _health(row: AnyRow, number: int, words: int) -> Health:
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
        versions=number,
        words=words,
    )


def failures(connection: Connection, document: str) -> int:
    query = select(documents.c.failures).where(documents.c.id == document)
    return connection.execute(query).scalar_one_or_none() or 0
