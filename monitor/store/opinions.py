"""Second opinions on changes: every one is kept as it came, and the newest on each topic is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from monitor.model import Opinion
from monitor.store.rows import among
from monitor.store.tables import opinions


def keep(connection: Connection, opinion: Opinion) -> None:
    values = {
        "change": opinion.change,
        "topic": opinion.topic,
        "model": opinion.model,
        "at": opinion.at,
        "position": opinion.position,
        "summary": opinion.summary,
    }
    connection.execute(insert(opinions), values)


def by_change(connection: Connection, numbers: Sequence[int]) -> dict[int, tuple[Opinion, ...]]:
    """The newest opinion on each topic of these changes; every change without one has none."""
    query = select(opinions).where(among(connection, opinions.c.change, numbers)).order_by(opinions.c.id)
    found: defaultdict[int, dict[str, Opinion]] = defaultdict(dict)
    for row in connection.execute(query):
        found[row.change][row.topic] = Opinion(
            change=row.change,
            topic=row.topic,
            model=row.model,
            at=row.at,
            position=row.position,
            summary=row.summary,
        )
    return {number: tuple(found[number].values()) for number in numbers}
