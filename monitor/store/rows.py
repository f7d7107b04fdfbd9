"""Rows: their type, naming any number of them in a query, and putting one in."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    Row,
    Table,
    any_,
    bindparam,
    insert,
    literal,
    text,
)

AnyRow = Row[*tuple[Any, ...]]

AT_ONCE = 1000
"""How many rows are read whole at once."""

_EACH = text("SELECT value FROM json_each(:named)")


def among(connection: Connection, column: Column[Any], named: Iterable[int | str]) -> ColumnElement[bool]:
    """Whether a column holds one of these values: one parameter, for every database limits their number."""
    every = list(named)
    if connection.dialect.name == "postgresql":
        return column == any_(literal(every, ARRAY(column.type)))
    values = _EACH.bindparams(bindparam("named", json.dumps(every), unique=True)).columns(value=column.type)
    return column.in_(values.subquery().select())


def add(connection: Connection, table: Table, values: dict[str, Any]) -> int:
    """Put a row in; the id that it was given."""
    key = connection.execute(insert(table), values).inserted_primary_key
    assert key is not None
    return int(key[0])
