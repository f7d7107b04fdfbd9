"""A whole database copied into an empty one, SQLite or PostgreSQL either way, and proven row by row.

The source is read in one snapshot and may be used meanwhile. All of the target is written and compared in one
transaction: whatever cuts it off leaves the target as empty as it was. Values go over as the databases hold
them. What is derived is not copied but made again: the index of words. What is the queue's own stays out.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from itertools import zip_longest
from typing import Any

from sqlalchemy import Connection, LargeBinary, Select, Table, column, func, insert, select, table
from sqlalchemy import text as statement

from monitor.errors import StoreError, UsageError
from monitor.store import words
from monitor.store.engine import connect, disposing, file_of, is_sqlite, name_of, reading, writing
from monitor.store.postgres import hold_everything
from monitor.store.rows import AnyRow
from monitor.store.schema import prepare, revision_of
from monitor.store.tables import SCHEMA, clauses, metadata, upgrades
from monitor.store.upkeep import opened

Told = Callable[[str, str, int, int], None]
"""Is told how it goes: what is being done, to which table, how many rows are done, of how many."""

AT_ONCE = 1000
LARGE_AT_ONCE = 50  # rows with stored bytes, of which each may take a megabyte

_OURS = upgrades.c.revision.not_like("procrastinate %")


def copy(source: str, target: str, told: Told) -> dict[str, int]:
    """Copy a database; how many rows of each table there were.

    UsageError where the target holds anything; StoreError, and nothing is kept, where it is not equal.
    """
    with opened(source) as origin, reading(origin) as there:
        made = connect(target)
        with disposing(made):
            if is_sqlite(made) and file_of(made) is None:
                raise UsageError("a database in memory is gone when the copy is done; name a file")
            with reading(made) as look:
                if revision_of(look) not in (None, SCHEMA):
                    raise UsageError(_filled(look))
            prepare(made)
            with writing(made) as here:
                return _fill(there, here, told)


def _fill(there: Connection, here: Connection, told: Told) -> dict[str, int]:
    hold_everything(here)
    _refuse_filled(here)
    here.execute(upgrades.delete().where(_OURS))
    counts = {one.name: _count(there, one) for one in metadata.sorted_tables}
    for one in metadata.sorted_tables:
        _copy_rows(there, here, one, _telling(told, "copying", one, counts))
        _go_on_counting(here, one, _last_number(there, one))
    _index_words(here, _telling(told, "indexing", clauses, counts))
    for one in metadata.sorted_tables:
        _compare(there, here, one, _telling(told, "comparing", one, counts))
    return counts


def _telling(told: Told, verb: str, one: Table, counts: dict[str, int]) -> Callable[[int], None]:
    return lambda done: told(verb, one.name, done, counts[one.name])


def _refuse_filled(here: Connection) -> None:
    for one in metadata.sorted_tables:
        if one is not upgrades and here.scalar(select(*one.primary_key).limit(1)) is not None:
            raise UsageError(_filled(here))


def _filled(here: Connection) -> str:
    return (
        f"{name_of(here.engine)} is not empty; name a new database, for nothing is ever copied over another"
    )


# --- rows ----------------------------------------------------------------------------------------


def _copy_rows(there: Connection, here: Connection, one: Table, told: Callable[[int], None]) -> None:
    bare, done = _bare(one), 0
    with closing(_batches(there, one)) as batches:
        for rows in batches:
            here.execute(insert(bare), [dict(row._mapping) for row in rows])
            done += len(rows)
            told(done)


def _compare(there: Connection, here: Connection, one: Table, told: Callable[[int], None]) -> None:
    done = 0
    with closing(_batches(there, one)) as source, closing(_batches(here, one)) as target:
        for before, after in zip_longest(source, target, fillvalue=()):
            for row, copied in zip_longest(before, after):
                if row is None or copied is None or tuple(row) != tuple(copied):
                    raise StoreError(_differs(one, row or copied))
            done += len(before)
            told(done)


def _differs(one: Table, row: AnyRow) -> str:
    key = ", ".join(str(row._mapping[name.name]) for name in one.primary_key.columns)
    return f"{one.name} {key} is not what it was in the source; nothing was kept: try again"


def _count(there: Connection, one: Table) -> int:
    query = select(func.count()).select_from(one)
    return there.scalar(query.where(_OURS) if one is upgrades else query) or 0


def _batches(connection: Connection, one: Table) -> Generator[Sequence[AnyRow]]:
    """Every row of a table by its key; what others of the same table refer to comes first."""
    for query in _queries(one):
        large = any(isinstance(found.type, LargeBinary) for found in one.columns)
        options = {"yield_per": LARGE_AT_ONCE if large else AT_ONCE}
        with connection.execute(query, execution_options=options) as result:
            yield from result.partitions()


def _queries(one: Table) -> Iterator[Select[*tuple[Any, ...]]]:
    bare = _bare(one)
    query = select(bare).order_by(*(bare.c[key.name] for key in one.primary_key.columns))
    if one is upgrades:
        query = query.where(bare.c.revision.not_like("procrastinate %"))
    own = [bare.c[key.parent.name] for key in one.foreign_keys if key.column.table is one]
    if not own:
        yield query
        return
    (refers,) = own
    yield query.where(refers.is_(None))
    yield query.where(refers.is_not(None))


def _bare(one: Table) -> Any:  # noqa: ANN401  of SQLAlchemy's lightest kind
    """A table without the types of its columns: values stay as the databases hold them."""
    return table(one.name, *(column(found.name) for found in one.columns))


# --- what is not rows ----------------------------------------------------------------------------


def _last_number(there: Connection, one: Table) -> int:
    """The highest number that a table ever gave; those of rows that went are not given again."""
    key = one.autoincrement_column
    if key is None:
        return 0
    highest = there.scalar(select(func.max(key))) or 0
    if is_sqlite(there.engine):
        given = statement("SELECT seq FROM sqlite_sequence WHERE name = :name")
    else:
        given = statement(
            "SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(:name, 'id') AS regclass))"
        )
    return max(highest, there.scalar(given, {"name": one.name}) or 0)


def _go_on_counting(here: Connection, one: Table, last: int) -> None:
    """Let the next number be the one after this."""
    named = {"name": one.name, "last": last}
    if last == 0:
        return
    if not is_sqlite(here.engine):
        here.execute(statement("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"), named)
    elif one.dialect_options["sqlite"]["autoincrement"]:
        here.execute(statement("DELETE FROM sqlite_sequence WHERE name = :name"), named)
        here.execute(statement("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), named)


def _index_words(here: Connection, told: Callable[[int], None]) -> None:
    query, done = select(clauses.c.id, clauses.c.text).order_by(clauses.c.id), 0
    with here.execute(query, execution_options={"yield_per": AT_ONCE}) as result:
        for rows in result.partitions():
            words.add(here, [(row.id, row.text) for row in rows])
            done += len(rows)
            told(done)
