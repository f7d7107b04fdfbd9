"""How the watching of each document goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, ColumnElement, Connection, select, true

from monitor.model import Health
from monitor.store import codec
from monitor.store.rows import AT_ONCE, AnyRow
from monitor.store.tables import documents, versions

Lengths = tuple[tuple[datetime, int], ...]


def health(connection: Connection, document_ids: Sequence[str]) -> tuple[Health, ...]:
    """How each of these documents does, in the order asked; one never checked has nothing but its name."""
    rows = connection.execute(select(documents).where(_among(documents.c.id, document_ids))).all()
    by_id = {row.id: row for row in rows}
    lengths = _lengths(connection, document_ids)
    return tuple(
        _health(by_id[document], lengths.get(document, ()))
        if document in by_id
        else Health(document=document)
        for document in document_ids
    )


def _lengths(connection: Connection, document_ids: Sequence[str]) -> dict[str, Lengths]:
    """By document: when each confirmed version was last seen, and its words, oldest first."""
    accepted = (_among(versions.c.document, document_ids), versions.c.confirmed == 1)
    query = select(versions.c.document, versions.c.last_seen, versions.c.words).where(*accepted)
    found: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for row in connection.execute(query.order_by(versions.c.era, versions.c.id)):
        found[row.document].append((row.last_seen, row.words))
    return {document: tuple(lengths) for document, lengths in found.items()}


def _among(column: Column[str], values: Sequence[str]) -> ColumnElement[bool]:
    """A narrowing to these values; none where they are so many that reading all is no dearer."""
    return column.in_(values) if len(values) <= AT_ONCE else true()


def _health(row: AnyRow, lengths: Lengths) -> Health:
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
        versions=len(lengths),
        words=lengths[-1][1] if lengths else 0,
        lengths=lengths,
    )


def failures(connection: Connection, document: str) -> int:
    query = select(documents.c.failures).where(documents.c.id == document)
    return connection.execute(query).scalar_one_or_none() or 0
