"""The schema's version: a new database is made, an old one upgraded, a newer one refused."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, inspect, text

from monitor.errors import StoreError, StoreFull, StoreTooNew
from monitor.store import queue_tables
from monitor.store.engine import connect, disposing, file_of, is_sqlite, name_of, reading, write, writing
from monitor.store.postgres import Lock, hold
from monitor.store.sqlite import PATIENCE
from monitor.store.tables import SCHEMA, metadata, upgrades

log = logging.getLogger(__name__)

_VERSION_TABLE = """
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)"""


def prepare(engine: Engine, now: datetime | None = None) -> None:
    """Bring the database to this program's schema; one that is at it already is only read."""
    now = now or datetime.now(UTC)
    with reading(engine) as connection:
        revision = revision_of(connection)
        queue = not is_sqlite(engine) and (revision is None or queue_tables.behind(connection))
    if revision is None:
        _create(engine, now)
    elif revision != SCHEMA:
        _upgrade(engine, revision, now)
    if queue:
        write(engine, _make_queue, now)


def revision_of(connection: Connection) -> str | None:
    """The schema's revision, None of an empty database; StoreError when it is not one of this program."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    name = name_of(connection.engine)
    if "alembic_version" not in tables or "documents" not in tables:
        raise StoreError(f"{name} is a database of another program; name another one")
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    if revision > SCHEMA:
        raise StoreTooNew(
            f"{name} was written by a newer version of tos-monitor (schema {revision}, this one knows "
            f"{SCHEMA}); upgrade with: pip install --upgrade tos-monitor"
        )
    return str(revision)


def _create(engine: Engine, now: datetime) -> None:
    if is_sqlite(engine):
        _use_wal(engine)
    write(engine, _make_tables, now)


def _make_tables(connection: Connection, now: datetime) -> None:
    hold(connection, Lock.SCHEMA)
    if revision_of(connection) is not None:
        return  # another process was faster
    # The tables as they are now, without alembic, whose import alone takes 0.4 s.
    metadata.create_all(connection, checkfirst=False)
    connection.execute(text(_VERSION_TABLE))
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": SCHEMA})
    connection.execute(insert(upgrades), {"revision": SCHEMA, "at": now})


def _make_queue(connection: Connection, now: datetime) -> None:
    hold(connection, Lock.SCHEMA)
    queue_tables.upgrade(connection, now)


def _use_wal(engine: Engine) -> None:
    """Writers and readers no longer wait for each other; the file remembers it."""
    with reading(engine) as connection:
        connection.rollback()
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        # SQLite does not wait here by itself when another process makes the same file.
        patience = time.monotonic() + PATIENCE
        while not _switched_to_wal(raw, may_fail=time.monotonic() < patience):
            time.sleep(0.02)


def _switched_to_wal(raw: sqlite3.Connection, *, may_fail: bool) -> bool:
    try:
        raw.execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or not may_fail:
            raise
        return False
    return True


def _upgrade(engine: Engine, revision: str, now: datetime) -> None:
    file = file_of(engine)
    # A migration may rebuild a table: with foreign keys on, dropping the old one would delete what cites it.
    migrating = connect(engine.url.render_as_string(hide_password=False), foreign_keys=False)
    with disposing(migrating), writing(migrating) as connection:
        hold(connection, Lock.SCHEMA)
        if revision_of(connection) == SCHEMA:
            return  # another process was faster
        copy = file and _copy(file, file.with_name(f"{file.name}.bak-{revision}"))
        log.info("upgrading the database", extra={"from": revision, "to": SCHEMA, "copy": str(copy)})
        _migrate(connection)
        _check_references(connection)
        connection.execute(insert(upgrades), {"revision": SCHEMA, "at": now})


def _copy(file: Path, copy: Path) -> Path:
    """A whole copy of a SQLite file, made under another name first so that no half copy is ever seen."""
    unfinished = copy.with_name(copy.name + ".part")
    try:
        unfinished.unlink(missing_ok=True)
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(unfinished)) as target:
            source.backup(target)
        os.replace(unfinished, copy)
    except (OSError, sqlite3.OperationalError) as error:
        if unfinished.is_file():
            unfinished.unlink()
        raise StoreFull(f"{copy} cannot be written ({error}); the database was not upgraded") from error
    return copy


def _migrate(connection: Connection) -> None:
    from alembic import command  # costs 0.4 s, needed once in a schema's life  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _check_references(connection: Connection) -> None:
    """StoreError where a migration broke a reference; PostgreSQL refuses the statement that would."""
    if not is_sqlite(connection.engine):
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise StoreError(f"upgrading {name_of(connection.engine)} would break references: {broken}")
