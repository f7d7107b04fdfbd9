"""What is special to SQLite: how a file is set up, where transactions begin, its troubles in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import QueuePool

from monitor.errors import StoreError, StoreFull, StoreLocked

PATIENCE = 10.0  # seconds to wait for another process's write

READS: dict[str, Any] = {}
WRITES: dict[str, Any] = {"writes": True}

_LOCKED = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT")


def engine(url: URL, *, foreign_keys: bool) -> Engine:
    """An engine for a file, or for a database in memory; nothing is opened yet."""
    made = _engine(url)
    _set_up(made, foreign_keys)
    return made


def file(url: URL) -> Path | None:
    """The file of the database; None for one in memory."""
    return None if _in_memory(url) else Path(str(url.database).removeprefix("file:"))


def name(url: URL) -> str:
    """What a message calls the database."""
    return str(file(url) or "the database in memory")


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


def _set_up(made: Engine, foreign_keys: bool) -> None:
    @event.listens_for(made, "connect")
    def set_up(connection: DBAPIConnection, _: object) -> None:
        connection.isolation_level = None  # transactions begin below, and nowhere else
        connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        # With WAL this survives the kill of any process; only a power cut may take the last seconds.
        connection.execute("PRAGMA synchronous=NORMAL")

    @event.listens_for(made, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later fails at once when another wrote in between.
        writes = connection.get_execution_options().get("writes", False)
        driver = connection.connection.driver_connection  # four times as fast as a statement
        assert driver is not None
        driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN")


def explained(error: BaseException, url: URL) -> StoreError | None:
    """An error of SQLite's as one clear line; None where it is a mistake of ours."""
    code, where = getattr(error, "sqlite_errorname", ""), name(url)
    if code.startswith(_LOCKED):
        return StoreLocked(f"{where} is kept locked by another process; wait for it to end and try again")
    if code == "SQLITE_FULL":
        return StoreFull(f"{where}: no space is left; free some and try again (nothing is half written)")
    if code.startswith("SQLITE_READONLY"):
        return StoreFull(f"{where} or its folder cannot be written; give this user the right to write both")
    if code.startswith("SQLITE_CANTOPEN") and (path := file(url)):
        return _cannot_open(path)
    if code.startswith(_DAMAGED):
        return StoreError(f"{where} is damaged or not a SQLite database; restore a copy or name another file")
    if code.startswith("SQLITE_IOERR"):
        return StoreError(f"{where} cannot be read or written ({error}); check the disk and its free space")
    return None


def _cannot_open(path: Path) -> StoreError:
    if not path.parent.is_dir():
        return StoreError(f"{path}: the folder {path.parent} does not exist; create it or name another file")
    if path.is_dir():
        return StoreError(f"{path} is a folder; name a file")
    return StoreFull(f"{path} cannot be opened; check that this user may write the file and its folder")
