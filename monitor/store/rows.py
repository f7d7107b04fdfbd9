"""Rows: their type, and putting one in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Table, insert

AnyRow = Row[*tuple[Any, ...]]

Named = TypeVar("Named")

AT_ONCE = 1000
"""How many rows are read whole at once, and ids named for that."""

MOST_NAMED = 30_000
"""How many values one query names at most; SQLite takes 32,766 in all."""


def add(connection: Connection, table: Table, values: dict[str, Any]) -> int:
    """Put a row in; the id that it was given."""
    key = connection.execute(insert(table), values).inserted_primary_key
    assert key is not None
    return int(key[0])


def batches(found: Iterable[Named], most: int = AT_ONCE) -> Iterator[list[Named]]:
    """The same in lists that one query can name."""
    left = iter(found)
    while some := list(islice(left, most)):
        yield some
