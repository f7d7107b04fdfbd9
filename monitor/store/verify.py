"""Proves a database: every stored byte against its hash, every reference, every page and change readable."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Column, Connection, Select, Table, func, select

from monitor.errors import StoreError
from monitor.store import blobs, codec, tables
from monitor.store.blobs import Keyframe
from monitor.store.engine import is_sqlite
from monitor.store.rows import AT_ONCE

Read = Callable[[bytes], object]
Naming = Select[str, int, str, datetime]

_STREAMED = {"yield_per": AT_ONCE}

_OLD, _VERSION, _CHANGE = tables.former_readings.c, tables.versions.c, tables.changes.c

# What can be read of bytes, where they are named, and what to call who names them: number, document, day.
_READABLE: tuple[tuple[str, Column[str], Naming, Read], ...] = (
    (
        "version {} of {} of {}",
        _VERSION.page,
        select(_VERSION.page, _VERSION.id, _VERSION.document, _VERSION.at),
        codec.page_from_bytes,
    ),
    (
        "a former reading of version {} of {} of {}",
        _OLD.page,
        select(_OLD.page, _VERSION.id, _VERSION.document, _VERSION.at).join_from(
            tables.former_readings, tables.versions
        ),
        codec.page_from_bytes,
    ),
    (
        "change {} of {} of {}",
        _CHANGE.content,
        select(_CHANGE.content, _CHANGE.id, _CHANGE.document, _CHANGE.at),
        codec.findings_from_bytes,
    ),
)


@dataclass
class Proof:
    """How much was proven, and what is wrong, a line each."""

    bytes: int = 0  # plain ones
    blobs: int = 0
    readable: int = 0  # versions, former readings and changes
    problems: list[str] = field(default_factory=list)


def verify(connection: Connection) -> Proof:
    """Prove the database as one connection sees it; StoreError where it cannot even be read through."""
    proof = Proof()
    if is_sqlite(connection.engine):  # PostgreSQL keeps no reference that leads nowhere
        proof.problems += [*_structure(connection), *_references(connection)]
    damaged = _prove_blobs(connection, proof)
    for name, _, naming, read in _READABLE:
        cited = connection.execute(naming.order_by("id"), execution_options=_STREAMED)
        for sha256, number, document, at in cited:
            if sha256 not in damaged:
                _prove_readable(connection, proof, sha256, _called(name, number, document, at), read)
    return proof


def _structure(connection: Connection) -> Iterator[str]:
    """What is wrong with the file; a server looks after its own."""
    found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    yield from (f"the file: {line}" for line in found if line != "ok")


def _references(connection: Connection) -> Iterator[str]:
    for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"{table}, row {row}: refers to a row of {parent} that is not there"


def _prove_blobs(connection: Connection, proof: Proof) -> set[str]:
    """The hashes of blobs that are damaged."""
    # Those of one keyframe come one after another, the keyframe first.
    order = (func.coalesce(tables.blobs.c.base, tables.blobs.c.sha256), tables.blobs.c.base.is_not(None))
    query = select(tables.blobs.c.sha256, tables.blobs.c.base).order_by(*order)
    damaged: set[str] = set()
    last: Keyframe | None = None
    for sha256, base in connection.execute(query, execution_options=_STREAMED):
        try:
            if base is None:
                last = blobs.keyframe(connection, sha256)
                plain = last.plain
            else:
                last = last if last and last.sha256 == base else blobs.keyframe(connection, base)
                plain = blobs.against(connection, sha256, last)
        except StoreError:
            damaged.add(sha256)
            proof.problems.append(
                f"{_cited(connection, sha256)}: the bytes with SHA-256 {sha256} are damaged"
            )
            continue
        proof.blobs += 1
        proof.bytes += len(plain)
    return damaged


def _prove_readable(connection: Connection, proof: Proof, sha256: str, name: str, read: Read) -> None:
    try:
        read(blobs.get(connection, sha256))
    except (StoreError, LookupError, TypeError, ValueError, AttributeError) as error:
        proof.problems.append(f"{name}: its bytes are whole but cannot be read ({type(error).__name__})")
        return
    proof.readable += 1


def _cited(connection: Connection, sha256: str) -> str:
    """Who names these bytes, for whoever has to say what is lost."""
    captures = tables.captures
    query = select(captures.c.document, captures.c.at).where(captures.c.sha256 == sha256)
    found = [f"a capture of {row.document} of {row.at:%Y-%m-%d}" for row in connection.execute(query)]
    for name, column, naming, _ in _READABLE:
        citing = connection.execute(naming.where(column == sha256))
        found += [_called(name, number, document, at) for _, number, document, at in citing]
    rest = connection.scalar(_resting_on(tables.blobs, sha256))
    found += [f"the keyframe of {rest} others"] if rest else []
    return "; ".join(found) or "bytes that nothing names"


def _called(name: str, number: int, document: str, at: datetime) -> str:
    return name.format(number, document, f"{at:%Y-%m-%d}")


def _resting_on(table: Table, sha256: str) -> Select[int]:
    return select(func.count()).select_from(table).where(table.c.base == sha256)
