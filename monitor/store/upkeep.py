"""Looking after a database: proving it, a copy while everything runs, putting one back, what it holds."""

from __future__ import annotations

import os
import shlex
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Column, Connection, Engine, Select, func, or_, select

from monitor.errors import StoreError, StoreFull, StoreLocked, UsageError
from monitor.store import prune as pruning
from monitor.store import tables
from monitor.store import verify as proving
from monitor.store.engine import connect, disposing, file_of, is_sqlite, name_of, plain_errors, reading
from monitor.store.postgres import address, hold_everything
from monitor.store.prune import Ages, Pruned
from monitor.store.schema import prepare, revision_of
from monitor.store.tables import SCHEMA
from monitor.store.verify import Proof


@dataclass(frozen=True, kw_only=True)
class Bytes:
    """How many of a kind are stored: as they came, and what they take compressed."""

    kind: str
    count: int
    plain: int
    stored: int


@dataclass(frozen=True, kw_only=True)
class Stats:
    """What a database holds."""

    database: str  # what messages call it
    rows: dict[str, int]  # by what they are, in the words of the glossary
    bytes: tuple[Bytes, ...]
    file: int = 0  # bytes on the disk
    free: int = 0  # of these, what deleted rows left behind; PostgreSQL does not tell


def verify(url: str) -> Proof:
    """Prove every hash, reference, page and change of a database."""
    with opened(url) as engine, reading(engine) as connection:
        return proving.verify(connection)


def stats(url: str) -> Stats:
    """What a database holds, by kind."""
    with opened(url) as engine, reading(engine) as connection:
        return _stats(connection)


def prune(url: str, ages: Ages, now: datetime, *, dry_run: bool) -> Pruned:
    """Remove what is old by these ages, or only count it: a dry run does the same and takes it back."""
    # What is deleted is proven to be cited by nothing; checking that row by row would read whole tables.
    with (
        opened(url, foreign_keys=False) as engine,
        plain_errors(engine),
        engine.connect().execution_options(writes=True) as connection,
    ):
        transaction = connection.begin()
        hold_everything(connection)
        gone = pruning.prune(connection, ages, now)
        if dry_run:
            transaction.rollback()
        else:
            transaction.commit()
        return gone


def compact(url: str) -> None:
    """Give the space of deleted rows back to the disk; needs as much free space as the database takes."""
    with opened(url) as engine, plain_errors(engine):
        if not is_sqlite(engine):
            _compact_tables(engine)
            return
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("VACUUM")
        finally:
            raw.close()


def _compact_tables(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in tables.metadata.tables:
            connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {table}")


def upgrade(url: str) -> tuple[str, str]:
    """Bring a database to this program's schema; the revisions of before and now.

    One on a server may be empty: somebody made it on purpose. A file that is not there is a mistake.
    """
    engine = connect(url)
    with disposing(engine):
        if is_sqlite(engine):
            _existing(engine)
        with reading(engine) as connection:
            before = revision_of(connection)
        prepare(engine)
    return before or "none", SCHEMA


def backup(url: str, copy: Path, *, force: bool = False) -> int:
    """Copy a database as it is at one moment, while others read and write it; bytes of the copy.

    The copy appears under its name only once it is whole.
    """
    if copy.is_dir():
        raise UsageError(f"{copy} is a folder; name a file in it, e.g. {copy / 'copy.db'}")
    if copy.exists() and not force:
        raise UsageError(f"{copy} exists already; name another file, or give --force to replace it")
    engine = connect(url)
    with disposing(engine), plain_errors(engine):
        file = _file(engine, "pg_dump", "--format=custom", f"--file={copy}", address(engine.url))
        if copy.exists() and copy.samefile(file):
            raise UsageError(f"{copy} is the database itself; name another file")
        unfinished = _copied(file, copy, journal="DELETE")  # one file, which any place can read
        os.replace(unfinished, copy)
    return copy.stat().st_size


def restore(url: str, copy: Path, now: datetime, *, force: bool = False) -> Path | None:
    """Put a copy in a database's place; where the old one is kept, None where there was none.

    The copy is proven to be whole first, and nobody may be using the database.
    """
    engine = connect(url)
    with disposing(engine):
        file = _file(engine, "pg_restore", "--clean", "--if-exists", address(engine.url), str(copy), new=True)
        _whole_copy(copy)
        if file.exists() and not force:
            raise UsageError(
                f"{file} exists; give --force to put the copy in its place (it is kept beside it)"
            )
        with plain_errors(engine):
            unfinished = _copied(copy, file, journal="WAL")
            try:
                old = _put_aside(file, now, unfinished) if file.exists() else None
                os.replace(unfinished, file)
            finally:
                unfinished.unlink(missing_ok=True)
    return old


def _put_aside(file: Path, now: datetime, successor: Path) -> Path:
    """Keep a database that nobody uses under another name as well; its own may then go to its successor.

    That belongs to whom this one belongs to: what root puts back, a daemon without its rights must write.
    """
    shutil.copymode(file, successor)
    if os.geteuid() == 0:
        os.chown(successor, file.stat().st_uid, file.stat().st_gid)
    old = file.with_name(f"{file.name}.replaced-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    _settle(file)
    old.hardlink_to(file)
    # Of a damaged database the log is left, which would be taken for that of the new one.
    for ending in ("-wal", "-shm"):
        if file.with_name(file.name + ending).exists():
            file.with_name(file.name + ending).rename(old.with_name(old.name + ending))
    return old


def _settle(file: Path) -> None:
    """Bring what waits in the log into the file; StoreLocked while another process has it open.

    A damaged database stays as it is: it is what one restores over.
    """
    try:
        with closing(sqlite3.connect(file, timeout=0)) as alone:
            alone.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise StoreLocked(f"{file} is in use; stop the daemon and whatever serves it first") from error


def _whole_copy(copy: Path) -> None:
    """StoreError unless a file is a whole database of this program, of its schema or an older one.

    Every stored byte of one of an older schema can be proven only once it is upgraded.
    """
    if not copy.is_file():
        raise UsageError(f"there is no copy {copy}; name one that `db backup` made")
    engine = connect(f"sqlite:///{copy.absolute()}")
    with disposing(engine), reading(engine) as connection:
        if (revision := revision_of(connection)) is None:
            raise StoreError(f"{copy} is an empty database; name a copy that `db backup` made")
        if revision == SCHEMA:
            wrong = proving.verify(connection).problems
        else:
            found = connection.exec_driver_sql("PRAGMA integrity_check").scalars()
            wrong = [line for line in found if line != "ok"]
    if wrong:
        raise StoreError(f"{copy} is damaged ({wrong[0]}); name another copy")


def _copied(file: Path, target: Path, *, journal: str) -> Path:
    """A whole copy of a SQLite file beside where it is to be; whoever calls gives it its name."""
    unfinished = target.with_name(f"{target.name}.part")
    with closing(sqlite3.connect(file)) as source:
        source.execute("PRAGMA schema_version")  # one that cannot be read is not told of as its copy
        try:
            unfinished.unlink(missing_ok=True)
            with closing(sqlite3.connect(unfinished)) as copy:
                source.backup(copy)
                copy.execute(f"PRAGMA journal_mode={journal}")
            with unfinished.open("rb") as written:
                os.fsync(written.fileno())
        except (OSError, sqlite3.OperationalError) as error:
            unfinished.unlink(missing_ok=True)
            raise StoreFull(
                f"{target} cannot be written ({error}); check its folder and the free space"
            ) from error
    return unfinished


@contextmanager
def opened(url: str, *, foreign_keys: bool = True) -> Iterator[Engine]:
    """A database that is there already, at this program's schema."""
    engine = connect(url, foreign_keys=foreign_keys)
    with disposing(engine):
        _existing(engine)
        prepare(engine)
        yield engine


def _existing(engine: Engine) -> None:
    """UsageError where no database of this program is: looking after one makes none."""
    if is_sqlite(engine):
        _file(engine)
        return
    with reading(engine) as connection:
        if revision_of(connection) is None:
            raise UsageError(f"{name_of(engine)} is empty; name another one with --database")


def _file(engine: Engine, *instead: str, new: bool = False) -> Path:
    """The file of a database; UsageError where it has none, with the command that does the same `instead`."""
    file = file_of(engine)
    if not is_sqlite(engine):
        raise UsageError(
            f"{name_of(engine)} is no file; PostgreSQL's own tool does this: {shlex.join(instead)}"
        )
    if file is None or not (new or file.is_file()):
        raise UsageError(f"there is no database {file or 'in memory'}; name one that is there")
    return file


def _stats(connection: Connection) -> Stats:
    counted = {
        "documents": select(func.count()).select_from(tables.documents),
        "versions": select(func.count()).where(tables.versions.c.confirmed == 1),
        "unconfirmed versions": select(func.count()).where(tables.versions.c.confirmed == 0),
        "changes": select(func.count()).select_from(tables.changes),
        "checks": select(func.count()).select_from(tables.checks),
        "captures": select(func.count()).where(tables.captures.c.doubtful == 0),
        "doubtful captures": select(func.count()).where(tables.captures.c.doubtful == 1),
        "doubts": select(func.count()).select_from(tables.doubts),
        "steps": select(func.count()).select_from(tables.steps),
    }
    size, free = _taken(connection)
    return Stats(
        database=name_of(connection.engine),
        rows={name: connection.scalar(query) or 0 for name, query in counted.items()},
        bytes=_bytes(connection),
        file=size,
        free=free,
    )


def _taken(connection: Connection) -> tuple[int, int]:
    """Bytes of a database on the disk, with what waits in its log, and how many of them are free."""
    file = file_of(connection.engine)
    if file is None:
        names = [*tables.metadata.tables, "clauses_words"]
        sizes = (func.pg_total_relation_size(func.to_regclass(name)) for name in names)
        return sum(connection.scalar(select(size)) or 0 for size in sizes), 0
    log = file.with_name(f"{file.name}-wal")
    pages = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
    page_size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
    return file.stat().st_size + (log.stat().st_size if log.exists() else 0), pages * page_size


def _bytes(connection: Connection) -> tuple[Bytes, ...]:
    """What is stored by kind; bytes that are of two kinds count as the first."""
    kinds: dict[str, tuple[Column[str], ...]] = {
        "captures": (tables.captures.c.sha256,),
        "pages as read": (tables.versions.c.page, tables.former_readings.c.page),
        "changes": (tables.changes.c.content,),
    }
    found = []
    before: list[Select[str]] = []
    for kind, columns in kinds.items():
        named = [select(column) for column in columns]
        found.append(_of_kind(connection, kind, named, before))
        before += named
    return (*found, _of_kind(connection, "keyframes alone", [select(tables.blobs.c.sha256)], before))


def _of_kind(connection: Connection, kind: str, named: list[Select[str]], others: list[Select[str]]) -> Bytes:
    sha256, data = tables.blobs.c.sha256, tables.blobs.c.data
    total = (func.count(), func.sum(tables.blobs.c.size), func.sum(func.length(data)))
    query = select(*total).where(or_(*(sha256.in_(one) for one in named)))
    for other in others:
        query = query.where(sha256.not_in(other))
    count, plain, stored = connection.execute(query).one()
    return Bytes(kind=kind, count=count, plain=int(plain or 0), stored=int(stored or 0))
