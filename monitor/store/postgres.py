"""What is special to PostgreSQL: connections, the locks by which processes take turns, its troubles.

psycopg, the driver, belongs to an extra; nothing here imports it before an engine is made.
"""

from __future__ import annotations

import re
import shlex
from enum import IntEnum
from functools import cache
from typing import Any

from sqlalchemy import URL, Connection, Engine, Index, create_engine, event, func, select
from sqlalchemy.engine.interfaces import DBAPIConnection

from monitor.errors import MissingExtra, StoreError, StoreFull, StoreLocked, UsageError
from monitor.store.tables import metadata

PATIENCE = 10  # seconds to wait for another's lock, and for a server to answer

OLDEST = 140000
"""The oldest server that is taken, as PostgreSQL counts: 14.0."""

# What is read is one state of the database throughout; what is written is locked before it is read.
READS: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
WRITES: dict[str, Any] = {}

POOLED, MORE = 5, 5  # connections that a process keeps, and those it opens besides when all are busy

# A client whose machine is gone must not keep its locks for the two hours that TCP takes to notice.
_SESSION = {
    "lock_timeout": f"{PATIENCE}s",
    "idle_in_transaction_session_timeout": "5min",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
_CONNECTION = {"connect_timeout": PATIENCE, "keepalives_idle": 30, "application_name": "tos-monitor"}

_DRIVERS = ("postgres", "postgresql", "postgresql+psycopg")
_NOT_LET_IN = re.compile(
    r"password authentication|no password supplied|no pg_hba\.conf entry|role .* does not"
)
_OF_ANOTHER = re.compile(r"permission denied for (table|relation|sequence)|must be owner")
_NO_DATABASE = re.compile(r"database .* does not exist")


class Lock(IntEnum):
    """What one transaction at a time may write, where rows alone do not keep two of them apart."""

    SCHEMA = 1
    LEDGER = 2
    OUTBOX = 3


MAKE = "make one with: createdb --encoding UTF8 --template template0"
TABLES = "name the user that its tables belong to"
RIGHTS = "give its user the right, e.g. GRANT USAGE, CREATE ON SCHEMA public TO its_user"

_OURS = 0x746F73  # "tos": keeps our advisory locks apart from those of others in the same database


class Crossed(StoreLocked):
    """A transaction was given up for another one that it waited for; nothing of it was kept."""


def hold(connection: Connection, lock: Lock) -> None:
    """Keep other writers out of something until this transaction ends; SQLite's take turns anyway."""
    if connection.dialect.name != "postgresql":
        return
    if lock is Lock.SCHEMA:  # whoever upgrades takes as long as there is to do, and nobody can work meanwhile
        connection.exec_driver_sql("SET LOCAL lock_timeout = '10min'")
    connection.execute(select(func.pg_advisory_xact_lock(_OURS, lock.value)))


def hold_everything(connection: Connection) -> None:
    """Keep every other writer out until this transaction ends, as any transaction of SQLite's does."""
    if connection.dialect.name != "postgresql":
        return
    hold(connection, Lock.LEDGER)
    # Others hold a document before they write of it: who has one ends, and nobody gets one any more.
    connection.exec_driver_sql("LOCK TABLE documents IN EXCLUSIVE MODE")
    connection.exec_driver_sql(f"LOCK TABLE {', '.join(metadata.tables)} IN SHARE ROW EXCLUSIVE MODE")


def address(url: URL) -> str:
    """The option that names the database to PostgreSQL's own tools; they ask for the password themselves."""
    known = {key: value for key, value in url.query.items() if "password" not in key}
    plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database, known)
    return f"--dbname={plain.render_as_string()}"


def is_ours(url: URL) -> bool:
    """Whether a URL is one of PostgreSQL, whatever its driver."""
    return url.get_backend_name() in ("postgres", "postgresql")


def engine(url: URL) -> Engine:
    """An engine for a server; nothing is opened yet. MissingExtra where the driver is not installed."""
    if url.drivername not in _DRIVERS:
        raise UsageError(f"{name(url)}: the driver {url.drivername} is not supported; write postgresql://...")
    try:
        made = create_engine(
            url.set(drivername="postgresql+psycopg"),
            connect_args=_arguments(url),
            hide_parameters=True,  # errors would quote pages
            isolation_level="READ COMMITTED",
            pool_size=POOLED,
            max_overflow=MORE,
            pool_pre_ping=True,  # a server that was restarted meanwhile is no trouble
        )
    except ModuleNotFoundError as error:
        raise MissingExtra("PostgreSQL", "postgres") from error
    event.listen(made, "connect", _refuse_unfit)
    index_what_cites()
    return made


def name(url: URL) -> str:
    """What a message calls the database; never with a password."""
    hosts = url.query.get("host") or url.host or "this machine"
    host = hosts if isinstance(hosts, str) else ", ".join(hosts)
    port = f":{url.port}" if url.port else ""
    return f"the PostgreSQL database {url.database or url.username or ''} on {host}{port}"


def _arguments(url: URL) -> dict[str, object]:
    """What the URL leaves open."""
    options = " ".join(f"-c {setting}={value}" for setting, value in _SESSION.items())
    return {key: value for key, value in (*_CONNECTION.items(), ("options", options)) if key not in url.query}


def _refuse_unfit(connection: DBAPIConnection, _: object) -> None:
    """StoreError where the server is too old, or its texts are not Unicode."""
    version = connection.info.server_version
    encoding = connection.info.parameter_status("server_encoding")
    problem = unfit(version, encoding)
    if problem:
        connection.close()
        raise StoreError(problem)


def unfit(version: int, encoding: str | None) -> str | None:
    """Why a database of this server version and encoding cannot be used, if so."""
    if version < OLDEST:
        return (
            f"the PostgreSQL server is of version {version // 10000}, which is too old; "
            f"upgrade it to {OLDEST // 10000} or newer"
        )
    if encoding != "UTF8":
        return f"the database is encoded in {encoding}; {MAKE} NAME"
    return None


def explained(error: BaseException, url: URL) -> StoreError | UsageError | None:
    """An error of the driver's as one clear line; None where it is a mistake of ours."""
    code = getattr(error, "sqlstate", None)
    if code:
        return _of_state(code, error, name(url))
    said = str(error).strip()
    if type(error).__name__ == "OperationalError":
        return _unreachable(said, url)
    if said.startswith(("invalid connection option", "bad value for")):
        return UsageError(f"the database's URL has an {said}; see the parameters of a PostgreSQL connection")
    return None


def _of_state(code: str, error: BaseException, where: str) -> StoreError | None:
    said = str(error).strip().partition("\n")[0]
    match code:
        case "40001" | "40P01":
            return Crossed(f"{where} was busy with others' writes; try again (nothing was kept)")
        case "55P03":
            return StoreLocked(f"{where} is kept locked by another process; wait for it to end and try again")
        case "57014":
            return StoreLocked(f"{where} cancelled what took too long ({said}); try again")
        case "53100":
            return StoreFull(f"{where}: no space is left; free some and try again (nothing is half written)")
        case "42501" | "3F000":
            wanted = TABLES if _OF_ANOTHER.search(said) else RIGHTS
            return StoreFull(f"{where} cannot be used by this user ({said}); {wanted}")
        case "25006":
            return StoreFull(f"{where} is read-only ({said}); name the server that takes writes")
        case "53300":
            return StoreError(f"{where} has no connection left; raise max_connections or stop a client")
        case "XX001" | "XX002":
            return StoreError(f"{where} is damaged ({said}); restore it from a copy")
    if code.startswith(("08", "53", "57P", "58")):
        return StoreError(f"{where} broke off ({said}); when the server is well again, try again")
    return None


def _unreachable(said: str, url: URL) -> StoreError:
    """No connection, or one that broke; the server's own words, which may be of any language, stay."""
    where, words = name(url), said.partition("\n")[0]
    reason = words.rpartition("failed: ")[2] or words
    if _NOT_LET_IN.search(words):
        return StoreError(f"{where} does not let this user in ({reason}); check user and password")
    if _NO_DATABASE.search(words):
        return StoreError(f"{where} does not exist; {MAKE} {shlex.quote(url.database or '')}")
    return StoreError(f"{where} cannot be reached ({reason}); check the server, its host and its port")


@cache
def index_what_cites() -> None:
    """Give every foreign key an index, on PostgreSQL: it asks each of them whenever a cited row goes.

    SQLite deletes with foreign keys off, and proves them all at once (`prune`): with it, the 30 ms that
    SQLAlchemy takes to load PostgreSQL's dialect for these are saved at every start.
    """
    for table in metadata.tables.values():
        indexed = {next(iter(index.columns)).name for index in table.indexes}
        indexed |= {next(iter(table.primary_key.columns)).name}
        for column in table.columns:
            if column.foreign_keys and column.name not in indexed:
                given = column.is_not(None) if column.nullable else None
                Index(None, column, postgresql_where=given).ddl_if(dialect="postgresql")
