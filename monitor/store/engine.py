"""Connections: how SQLite is set up, where transactions begin, and its troubles in plain words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import QueuePool

from monitor.errors import StoreError, StoreFull, StoreLocked, UsageError

PATIENCE = 10.0  # seconds to wait for another process's write

_LOCKED = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT")


def connect(url: str, *, foreign_keys: bool = True) -> Engine:
    """An engine for this database; nothing is opened yet."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UsageError(f"{url!r} is not a database URL; write e.g. sqlite:///monitor.db") from error
    if parsed.get_backend_name() != "sqlite":
        raise UsageError(f"{parsed} is not a SQLite database; write e.g. sqlite:///monitor.db")
    engine = _engine(parsed)
    _set_up(engine, foreign_keys)
    return engine


def file_of(engine: Engine) -> Path | None:
    """The file of the database; None for one in memory."""
    return None if _in_memory(engine.url) else Path(str(engine.url.database).removeprefix("file:"))


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the database throughout."""
    with plain_errors(engine), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that holds the write lock from its start: all of it is kept, or nothing."""
    with (
        plain_errors(engine),
        engine.connect().execution_options(writes=True) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def disposing(engine: Engine) -> Iterator[None]:
    """Close the engine's connections at the end, however it comes."""
    try:
        yield
    finally:
        engine.dispose()


@contextmanager
def plain_errors(engine: Engine) -> Iterator[None]:
    """Database trouble as a StoreError of one clear line; what is a mistake of ours stays as it is."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        trouble = _explained(error.orig if isinstance(error, DBAPIError) else error, file_of(engine))
        if trouble is None:
            raise
        raise trouble from error


def _in_memory(url: URL) -> bool:
    return url.database in (None, "", ":memory:")


def _engine(url: URL) -> Engine:
    options: dict[str, object] = {"check_same_thread": False}
    if "timeout" not in url.query:
        options["timeout"] = PATIENCE
    if _in_memory(url):
        # Every connection would be another empty database: all threads take turns on one.
        return create_engine(
            url, connect_args=options, hide_parameters=True, poolclass=QueuePool, pool_size=1, max_overflow=0
        )
    return create_engine(url, connect_args=options, hide_parameters=True)  # errors would quote pages


def _set_up(engine: Engine, foreign_keys: bool) -> None:
    @event.listens_for(engine, "connect")
    def set_up(connection: DBAPIConnection, _: object) -> None:
        connection.isolation_level = None  # transactions begin below, and nowhere else
        connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        # With WAL this survives the kill of any process; only a power cut may take the last seconds.
        connection.execute("PRAGMA synchronous=NORMAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later fails at once when another wrote in between.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _explained(error: BaseException | None, file: Path | None) -> StoreError | None:
    code = getattr(error, "sqlite_errorname", "")
    name = file or "the database in memory"
    if code.startswith(_LOCKED):
        return StoreLocked(f"{name} is kept locked by another process; wait for it to end and try again")
    if code == "SQLITE_FULL":
        return StoreFull(f"{name}: no space is left; free some and try again (nothing is half written)")
    if code.startswith("SQLITE_READONLY"):
        return StoreFull(f"{name} or its folder cannot be written; give this user the right to write both")
    if code.startswith("SQLITE_CANTOPEN") and file:
        return _cannot_open(file)
    if code.startswith(_DAMAGED):
        return StoreError(f"{name} is damaged or not a SQLite database; restore a copy or name another file")
    if code.startswith("SQLITE_IOERR"):
        return StoreError(f"{name} cannot be read or written ({error}); check the disk and its free space")
    return None


def _cannot_open(file: Path) -> StoreError:
    if not file.parent.is_dir():
        return StoreError(f"{file}: the folder {file.parent} does not exist; create it or name another file")
    if file.is_dir():
        return StoreError(f"{file} is a folder; name a file")
    return StoreFull(f"{file} cannot be opened; check that this user may write the file and its folder")
