"""Search over all versions: each clause once for as long as it stood, found by its words."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from monitor.model import Block, Found
from monitor.store import words
from monitor.store.columns import whole
from monitor.store.rows import among
from monitor.store.tables import clauses

_WORDS = re.compile(r'"([^"]*)"|(\S+)')

_NEW = insert(clauses).returning(clauses.c.id, sort_by_parameter_order=True)


def stand(connection: Connection, document: str, at: datetime, blocks: Iterable[Block]) -> None:
    """Note which clauses stand from `at` on, and which do no longer."""
    standing = _standing(connection, document)
    now = _by_digest(blocks)
    gone = [number for digest, number in standing.items() if digest not in now]
    if gone:
        connection.execute(update(clauses).where(among(connection, clauses.c.id, gone)).values(until=at))
    _add(connection, document, at, [block for digest, block in now.items() if digest not in standing])


def reread(connection: Connection, document: str, since: datetime, blocks: Iterable[Block]) -> None:
    """Put a newer reading of the version in force, which stands from `since`, in the place of the former."""
    standing = _standing(connection, document)
    now = _by_digest(blocks)
    misread = [number for digest, number in standing.items() if digest not in now]
    forget(connection, misread)
    _add(connection, document, since, [block for digest, block in now.items() if digest not in standing])


def take_back(connection: Connection, document: str, at: datetime) -> None:
    """Undo what `stand` noted at that instant: what came then is forgotten, what went stands again."""
    came = connection.scalars(
        select(clauses.c.id).where(clauses.c.document == document, clauses.c.since == at)
    )
    forget(connection, came.all())
    gone = (clauses.c.document == document, clauses.c.until == at)
    connection.execute(update(clauses).where(*gone).values(until=None))


def find(
    connection: Connection, query: str, *, documents: Sequence[str] | None = None, limit: int = 100
) -> tuple[Found, ...]:
    """The clauses that hold every word of the query, and every "quoted phrase" of it; newest first.

    A query without a word finds nothing.
    """
    phrases = _phrases(query)
    if not phrases:
        return ()
    asked = select(clauses).where(words.hold(connection, phrases))
    if documents is not None:
        asked = asked.where(among(connection, clauses.c.document, documents))
    # Those that still stand come before those that went.
    order = (clauses.c.until.is_(None).desc(), func.coalesce(clauses.c.until, clauses.c.since).desc())
    rows = connection.execute(asked.order_by(*order, clauses.c.id).limit(limit)).all()
    return tuple(
        Found(
            document=row.document,
            text=row.text,
            section=tuple(row.section),
            since=row.since,
            until=row.until,
        )
        for row in rows
    )


def _phrases(query: str) -> list[str]:
    """The words and phrases of a query; what has no word in it is passed over."""
    found = (quoted or word for quoted, word in _WORDS.findall(whole(query)))
    return [phrase for phrase in found if words.cut(phrase)]


def _standing(connection: Connection, document: str) -> dict[str, int]:
    query = select(clauses.c.digest, clauses.c.id)
    rows = connection.execute(query.where(clauses.c.document == document, clauses.c.until.is_(None)))
    return {row.digest: row.id for row in rows}


def _by_digest(blocks: Iterable[Block]) -> dict[str, Block]:
    """The blocks by what they say; a sentence that stands twice in a document counts once."""
    return {_digest(block.text): block for block in blocks if block.text}


def _digest(said: str) -> str:
    return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _add(connection: Connection, document: str, since: datetime, blocks: list[Block]) -> None:
    if not blocks:
        return
    rows = [
        {
            "document": document,
            "digest": _digest(block.text),
            "text": block.text,
            "section": list(block.section),
            "since": since,
        }
        for block in blocks
    ]
    numbers = connection.scalars(_NEW, rows)
    words.add(connection, [(number, block.text) for number, block in zip(numbers, blocks, strict=True)])


def forget(connection: Connection, numbers: Sequence[int]) -> None:
    """Take clauses out, and their words out of the index."""
    these = among(connection, clauses.c.id, numbers)
    rows = connection.execute(select(clauses.c.id, clauses.c.text).where(these)).all()
    words.drop(connection, [(row.id, row.text) for row in rows])
    connection.execute(delete(clauses).where(these))
