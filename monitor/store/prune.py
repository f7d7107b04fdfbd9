"""What need not be kept for ever; never what a claim, a step, a change or a version in force cites."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    and_,
    case,
    delete,
    func,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy import cast as as_type
from sqlalchemy.types import Text

from monitor.errors import StoreError
from monitor.store.engine import is_sqlite
from monitor.store.rows import AT_ONCE, among
from monitor.store.tables import blobs, captures, changes, checks, metadata, versions

LEAST_WITHDRAWN = timedelta(days=30)
"""A text that did not show again is compared with for 14 days, to see what rotates: it stays for longer."""


@dataclass(frozen=True, kw_only=True)
class Ages:
    """How old each kind becomes before it goes; None keeps it for ever."""

    checks: timedelta | None = timedelta(days=400)
    doubtful: timedelta | None = timedelta(days=90)
    withdrawn: timedelta | None = timedelta(days=90)
    captures: timedelta | None = None  # those of unchanged texts, kept by `keep = "all"`


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """What went: rows by kind, and the bytes that captures, pages and changes took."""

    checks: int = 0
    doubtful: int = 0
    withdrawn: int = 0
    captures: int = 0
    blobs: int = 0
    bytes: int = 0


def prune(connection: Connection, ages: Ages, now: datetime) -> Pruned:
    """Remove what is old by these ages, in the caller's transaction."""
    gone = Pruned()
    if ages.withdrawn is not None:
        gone = replace(gone, withdrawn=_withdrawn(connection, now - ages.withdrawn))
    if ages.doubtful is not None:
        gone = replace(gone, doubtful=_doubtful(connection, now - ages.doubtful))
    if ages.captures is not None:
        gone = replace(gone, captures=_unchanged(connection, now - ages.captures))
    if ages.checks is not None:
        gone = replace(gone, checks=_checks(connection, now - ages.checks))
    count, size = _blobs(connection)
    _refuse_broken(connection)
    return replace(gone, blobs=count, bytes=size)


def _withdrawn(connection: Connection, until: datetime) -> int:
    """Texts that did not show again, with their changes and captures."""
    old = and_(versions.c.withdrawn == 1, versions.c.confirmed == 0, versions.c.last_seen < until)
    taken = connection.scalars(select(versions.c.capture).where(old)).all()
    to_these = changes.c.after.in_(select(versions.c.id).where(old))
    _drop(connection, changes, and_(changes.c.withdrawn == 1, to_these))
    gone = _drop(connection, versions, old)
    _drop(connection, captures, among(connection, captures.c.id, taken))
    return gone


def _doubtful(connection: Connection, until: datetime) -> int:
    """Doubtful captures not seen since; a document's newest stays, for a person may accept it."""
    newest = select(func.max(captures.c.id)).where(captures.c.doubtful == 1).group_by(captures.c.document)
    seen = select(checks.c.capture).where(checks.c.at >= until, checks.c.capture.is_not(None))
    old = and_(captures.c.doubtful == 1, captures.c.at < until)
    return _drop(connection, captures, and_(old, captures.c.id.not_in(newest), captures.c.id.not_in(seen)))


def _unchanged(connection: Connection, until: datetime) -> int:
    """Captures that made no version."""
    return _drop(connection, captures, and_(captures.c.doubtful == 0, captures.c.at < until))


def _checks(connection: Connection, until: datetime) -> int:
    """Checks between the first and the last of those in a row that say the same."""
    failed = case((checks.c.outcome == "failed", checks.c.reasons), else_="")
    said = checks.c.outcome + "|" + func.coalesce(as_type(checks.c.version, Text), "") + "|" + failed
    told = select(
        checks.c.id,
        checks.c.at,
        checks.c.outcome,
        or_(checks.c.capture.is_not(None), checks.c.change.is_not(None)).label("cites"),
        said.label("said"),
        func.lag(said).over(partition_by=checks.c.document, order_by=checks.c.id).label("before"),
        func.lead(said).over(partition_by=checks.c.document, order_by=checks.c.id).label("after"),
    ).subquery()
    between = select(told.c.id).where(
        told.c.at < until,
        told.c.outcome.in_(("unchanged", "failed")),
        not_(told.c.cites),
        told.c.said == told.c.before,
        told.c.said == told.c.after,
    )
    return connection.execute(delete(checks).where(checks.c.id.in_(between))).rowcount


def _blobs(connection: Connection) -> tuple[int, int]:
    """Bytes that nothing names any more; a keyframe goes once nothing rests on it."""
    count = size = 0
    unnamed = blobs.c.sha256.not_in(_names(blobs, but=()))
    while found := _batch_of_blobs(connection, unnamed):
        count += len(found)
        size += sum(found.values())
        connection.execute(delete(blobs).where(among(connection, blobs.c.sha256, found)))
    return count, size


def _batch_of_blobs(connection: Connection, unnamed: ColumnElement[bool]) -> dict[str, int]:
    query = select(blobs.c.sha256, func.length(blobs.c.data)).where(unnamed).limit(50 * AT_ONCE)
    return {row[0]: row[1] for row in connection.execute(query)}


def _drop(connection: Connection, table: Table, which: ColumnElement[bool]) -> int:
    """Delete rows that nothing cites but the checks that brought them; those checks stay."""
    key = next(iter(table.primary_key.columns))
    free = and_(which, key.not_in(_names(table, but=(checks,))))
    found = connection.scalars(select(key).where(free)).all()
    for column in _citing(table, of=(checks,)):
        cited = among(connection, column, found)
        connection.execute(update(checks).where(cited).values({column.name: None}))
    connection.execute(delete(table).where(among(connection, key, found)))
    return len(found)


def _names(table: Table, *, but: tuple[Table, ...]) -> ColumnElement[object]:
    """The keys of a table's rows that any row refers to; a table that is added later counts by itself."""
    tables = [one for one in metadata.sorted_tables if one not in but]
    columns = [column for one in tables for column in _citing(table, of=(one,))]
    first, *rest = (select(column).where(column.is_not(None)) for column in columns)
    return first.union(*rest).scalar_subquery() if rest else first.scalar_subquery()


def _citing(table: Table, *, of: tuple[Table, ...]) -> list[Column[object]]:
    return [
        key.parent
        for one in of
        for key in one.foreign_keys
        if key.column.table is table and key.parent is not None
    ]


def _refuse_broken(connection: Connection) -> None:
    """StoreError where something gone was cited; PostgreSQL asks at each row that goes."""
    if not is_sqlite(connection.engine):
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise StoreError(f"pruning would break references, so nothing was removed: {tuple(broken)}")
