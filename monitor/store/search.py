"""Search over all versions: each clause once for as long as it stood, found by its words."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Integer, delete, func, insert, select, text, update

from monitor.model import Block, Found
from monitor.store.columns import whole
from monitor.store.rows import AT_ONCE
from monitor.store.tables import clauses

# Words of Chinese, Japanese and Korean are not set apart by spaces: each character counts as one.
_IDEOGRAPH = re.compile(r"([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff])")
_WORDS = re.compile(r'"([^"]*)"|(\S+)')
_LETTERS = re.compile(r"\w")

_INDEX_ON_SQLITE = text("INSERT INTO clauses_words (rowid, words) VALUES (:id, :words)")
_DROP_ON_SQLITE = text(
    "INSERT INTO clauses_words (clauses_words, rowid, words) VALUES ('delete', :id, :words)"
)


def stand(connection: Connection, document: str, at: datetime, blocks: Iterable[Block]) -> None:
    """Note which clauses stand from `at` on, and which do no longer."""
    standing = _standing(connection, document)
    now = _by_digest(blocks)
    gone = [number for digest, number in standing.items() if digest not in now]
    for some in _batches(gone):
        connection.execute(update(clauses).where(clauses.c.id.in_(some)).values(until=at))
    _add(connection, document, at, [block for digest, block in now.items() if digest not in standing])


def reread(connection: Connection, document: str, since: datetime, blocks: Iterable[Block]) -> None:
    """Put a newer reading of the version in force, which stands from `since`, in the place of the former."""
    standing = _standing(connection, document)
    now = _by_digest(blocks)
    misread = [number for digest, number in standing.items() if digest not in now]
    for some in _batches(misread):
        forget(connection, some)
    _add(connection, document, since, [block for digest, block in now.items() if digest not in standing])


def take_back(connection: Connection, document: str, at: datetime) -> None:
    """Undo what `stand` noted at that instant: what came then is forgotten, what went stands again."""
    came = connection.scalars(
        select(clauses.c.id).where(clauses.c.document == document, clauses.c.since == at)
    )
    for some in _batches(list(came)):
        forget(connection, some)
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
    asked = select(clauses).where(_holds(phrases))
    if documents is not None:
        asked = asked.where(clauses.c.document.in_(documents))
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
    """The words and phrases of a query, each as it is indexed."""
    found = (quoted or word for quoted, word in _WORDS.findall(whole(query)))
    return [spaced(phrase) for phrase in found if _LETTERS.search(phrase)]


def _holds(phrases: list[str]) -> ColumnElement[bool]:
    match = " ".join('"' + phrase.replace('"', '""') + '"' for phrase in phrases)
    hits = text("SELECT rowid FROM clauses_words WHERE clauses_words MATCH :match").columns(rowid=Integer)
    return clauses.c.id.in_(hits.bindparams(match=match).subquery().select())


def spaced(words: str) -> str:
    """Text with a space around each ideograph, so that an index of words finds every phrase of them."""
    return " ".join(_IDEOGRAPH.sub(r" \1 ", words).split())


def _standing(connection: Connection, document: str) -> dict[str, int]:
    query = select(clauses.c.digest, clauses.c.id)
    rows = connection.execute(query.where(clauses.c.document == document, clauses.c.until.is_(None)))
    return {row.digest: row.id for row in rows}


def _by_digest(blocks: Iterable[Block]) -> dict[str, Block]:
    """The blocks by what they say; a sentence that stands twice in a document counts once."""
    return {_digest(block.text): block for block in blocks if block.text}


def _digest(words: str) -> str:
    return hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _add(connection: Connection, document: str, since: datetime, blocks: list[Block]) -> None:
    if not blocks:
        return
    first = connection.execute(select(func.coalesce(func.max(clauses.c.id), 0))).scalar_one() + 1
    numbered = list(enumerate(blocks, start=first))
    rows = [
        {
            "id": number,
            "document": document,
            "digest": _digest(block.text),
            "text": block.text,
            "section": list(block.section),
            "since": since,
        }
        for number, block in numbered
    ]
    connection.execute(insert(clauses), rows)
    words = [{"id": number, "words": spaced(whole(block.text))} for number, block in numbered]
    connection.execute(_INDEX_ON_SQLITE, words)


def forget(connection: Connection, numbers: list[int]) -> None:
    """Take clauses out, and their words out of the index."""
    rows = connection.execute(select(clauses.c.id, clauses.c.text).where(clauses.c.id.in_(numbers))).all()
    connection.execute(_DROP_ON_SQLITE, [{"id": row.id, "words": spaced(row.text)} for row in rows])
    connection.execute(delete(clauses).where(clauses.c.id.in_(numbers)))


def _batches(numbers: list[int]) -> Iterable[list[int]]:
    return (numbers[at : at + AT_ONCE] for at in range(0, len(numbers), AT_ONCE))
