"""Rows: their type, and putting one in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Table, insert

AnyRow = Row[*tuple[Any, ...]]

AT_ONCE = 1000
"""How many rows are read whole at once, and ids named for that."""

MOST_NAMED = 30_000
"""How many values one query names at most; SQLite takes 32,766 in all."""


def add(connection: Connection, table: Table, values: dict[str, Any]) -> int:
    """Put a row in; the id that it was given."""
    key = connection.execute(insert(table), values).inserted_primary_key
    assert key is not None
    return int(key[0])
