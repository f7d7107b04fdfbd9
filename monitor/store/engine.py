"""Connections and transactions, on SQLite or PostgreSQL, and their troubles in plain words."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as NoneFree

from monitor.errors import StoreLocked, UsageError
from monitor.store import postgres, sqlite

P = ParamSpec("P")
T = TypeVar("T")

TRIES = 5
"""How often a transaction that another one crossed is begun again."""

UNREADABLE = (
    "the database's URL cannot be read; write e.g. sqlite:///monitor.db or "
    "postgresql://user@host:5432/database, and in a password %40 for @"
)
"""The URL itself is not told: where a password ends cannot be known in one that is not written well."""


def connect(url: str, *, foreign_keys: bool = True) -> Engine:
    """An engine for this database; nothing is opened yet. Foreign keys can be left unasked on SQLite only."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # a port that is no number is a ValueError
        raise UsageError(UNREADABLE) from error
    if postgres.is_ours(parsed):
        if "@" in f"{parsed.host}{parsed.database}":  # the end of a password, taken for the host
            raise UsageError(UNREADABLE)
        return postgres.engine(parsed)
    if parsed.get_backend_name() != "sqlite":
        raise UsageError(
            f"a database of {parsed.get_backend_name()} cannot be used; "
            "write e.g. sqlite:///monitor.db or postgresql://user@host/database"
        )
    return sqlite.engine(parsed, foreign_keys=foreign_keys)


def is_sqlite(engine: Engine) -> bool:
    """Whether the database is one of SQLite; else it is one of PostgreSQL."""
    return engine.dialect.name == "sqlite"


def file_of(engine: Engine) -> Path | None:
    """The file of the database; None for one in memory or on a server."""
    return sqlite.file(engine.url) if is_sqlite(engine) else None


def name_of(engine: Engine) -> str:
    """What a message calls the database; never with a password."""
    return sqlite.name(engine.url) if is_sqlite(engine) else postgres.name(engine.url)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the database throughout."""
    options = sqlite.READS if is_sqlite(engine) else postgres.READS
    with plain_errors(engine), engine.connect().execution_options(**options) as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction: all of it is kept, or nothing.

    On SQLite it holds the write lock from its start. On PostgreSQL others write at the same time: it locks
    what it reads before it writes, or takes a turn.
    """
    options = sqlite.WRITES if is_sqlite(engine) else postgres.WRITES
    with (
        plain_errors(engine),
        engine.connect().execution_options(**options) as connection,
        connection.begin(),
    ):
        yield connection


def write(
    engine: Engine, verb: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """What a verb that touches nothing but its connection returns, in one transaction.

    PostgreSQL gives up one of two transactions that wait for each other: that one is begun again.
    """
    for _ in range(TRIES - 1):
        try:
            with writing(engine) as connection:
                return verb(connection, *args, **kwargs)
        except postgres.Crossed:
            continue
    with writing(engine) as connection:
        return verb(connection, *args, **kwargs)


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
        trouble = _explained(error.orig if isinstance(error, DBAPIError) else error, engine)
        if trouble is None:
            raise
        raise trouble from error
    except NoneFree as error:
        raise StoreLocked(f"{name_of(engine)}: this process has no connection free; try again") from error


def _explained(error: BaseException | None, engine: Engine) -> Any:  # noqa: ANN401  an error of either
    if error is None:
        return None
    explain = sqlite.explained if is_sqlite(engine) else postgres.explained
    return explain(error, engine.url)
