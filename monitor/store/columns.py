"""The column types that make every value survive the round trip on any database."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

from sqlalchemy import REAL, BigInteger, Double, Integer, Text, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

# The plain types, for tables and migrations alike. What SQLite's are by nature PostgreSQL's are by name:
# text that is compared by its bytes, whatever language the server sorts by, and numbers of 64 bits.
TEXT = Text().with_variant(Text(collation="C"), "postgresql")
NUMBER = Integer().with_variant(BigInteger(), "postgresql")
FRACTION: TypeEngine[float] = REAL().with_variant(Double(), "postgresql")

# SQLite's STRICT tables accept no DATETIME, DATE, BOOLEAN or JSON column, and SQLAlchemy's own DateTime
# drops the offset on SQLite without converting: so every such value is text or an integer here.


class Instant(TypeDecorator[datetime]):
    """An aware datetime as ISO text in UTC, of one width so that text order is time order."""

    impl = TEXT
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"{value!r} has no time zone; an instant is an aware datetime")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


class Day(TypeDecorator[date]):
    """A calendar date as ISO text."""

    impl = TEXT
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:
        return None if value is None else date.fromisoformat(value)


class YesNo(TypeDecorator[bool]):
    """A boolean as 1 or 0."""

    impl = NUMBER
    cache_ok = True

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> bool | None:
        return None if value is None else bool(value)


class Json(TypeDecorator[object]):
    """A small JSON value as ASCII text: NUL and lone surrogates, which no text column takes, stay escaped."""

    impl = TEXT
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:
        return None if value is None else json.loads(value)


class Prose(TypeDecorator[str]):
    """Text that may come from a page: NUL and lone surrogates become U+FFFD, for no database takes both."""

    impl = TEXT
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else whole(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return value


def whole(text: str) -> str:
    """Text without what no database takes: NUL and lone surrogates become U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")
