"""The index of words: FTS5 on SQLite; on PostgreSQL the same words, cut the same way, as text search vectors.

PostgreSQL's own parser takes hyphens, addresses and versions apart in other ways than SQLite does, so that
the same search would find other clauses; and one vector holds no more than 256 places of a word. So the words
are cut here, and a long clause has several vectors, which overlap by as much as a phrase is long.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    cast,
    column,
    select,
    table,
    text,
)
from sqlalchemy.types import UserDefinedType

from monitor.store.columns import whole
from monitor.store.tables import clauses

# The patterns are compiled when first used, by `re` itself: most rounds index nothing.

# Words of Chinese, Japanese and Korean are not set apart by spaces: each character counts as one.
_IDEOGRAPH = r"([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff])"

# What FTS5's unicode61 takes for a word: letters, numbers and what is for private use, with their accents.
_LETTER = r"(?:[^\W_]|[\ue000-\uf8ff])"
_ACCENTS = "\u0300-\u0304\u0306-\u030c\u030f\u0311\u031b\u0323-\u0328\u032d\u032e\u0330\u0331"
_WORD = rf"{_LETTER}(?:{_LETTER}|[{_ACCENTS}])*"
_ACCENT = f"[{_ACCENTS}]"
_LONGEST = 500  # characters of a word; PostgreSQL takes 2,046 bytes

AT_ONCE = 256
"""Words in one vector: the places of a single word that it can hold."""

PHRASE = 32
"""Words of a phrase that are looked for in one piece; a longer one must be there in pieces, which overlap."""

_INSERT = {
    "sqlite": text("INSERT INTO clauses_words (rowid, words) VALUES (:id, :words)"),
    "postgresql": text("INSERT INTO clauses_words (clause, words) VALUES (:id, CAST(:words AS tsvector))"),
}
_DROP_ON_SQLITE = text(
    "INSERT INTO clauses_words (clauses_words, rowid, words) VALUES ('delete', :id, :words)"
)
_DROP_ON_POSTGRES = text("DELETE FROM clauses_words WHERE clause = :id")


def spaced(words: str) -> str:
    """Text with a space around each ideograph, so that an index of words finds every phrase of them."""
    return " ".join(re.sub(_IDEOGRAPH, r" \1 ", words).split())


def add(connection: Connection, texts: Sequence[tuple[int, str]]) -> None:
    """Index clauses, each by its number and text."""
    rows = [{"id": number, "words": spaced(whole(words))} for number, words in texts]
    if connection.dialect.name == "postgresql":
        rows = [{"id": row["id"], "words": vector} for row in rows for vector in vectors(str(row["words"]))]
    if rows:
        connection.execute(_INSERT[connection.dialect.name], rows)


def drop(connection: Connection, texts: Sequence[tuple[int, str]]) -> None:
    """Take clauses out of the index; SQLite's must be told what it knows of them."""
    if not texts:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(_DROP_ON_POSTGRES, [{"id": number} for number, _ in texts])
    else:
        connection.execute(
            _DROP_ON_SQLITE, [{"id": number, "words": spaced(words)} for number, words in texts]
        )


def hold(connection: Connection, phrases: Sequence[str]) -> ColumnElement[bool]:
    """Whether a clause holds every one of these phrases; none of them is empty."""
    if connection.dialect.name == "postgresql":
        return and_(*(clauses.c.id.in_(_hits(query)) for query in queries(phrases)))
    match = " ".join('"' + spaced(phrase).replace('"', '""') + '"' for phrase in phrases)
    hits = text("SELECT rowid FROM clauses_words WHERE clauses_words MATCH :match").columns(rowid=Integer)
    return clauses.c.id.in_(hits.bindparams(match=match).subquery().select())


class _Query(UserDefinedType[str]):
    """PostgreSQL's own type for what is searched."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "TSQUERY"


_words = table("clauses_words", column("clause", BigInteger), column("words"))


def _hits(query: str) -> Select[int]:
    return select(_words.c.clause).where(_words.c.words.op("@@")(cast(query, _Query)))


# --- for PostgreSQL ------------------------------------------------------------------------------


def cut(words: str) -> list[str]:
    """The words of a text as FTS5 cuts and folds them."""
    return [_folded(word)[:_LONGEST] for word in re.findall(_WORD, words)]


def vectors(words: str) -> Iterator[str]:
    """The text search vectors of a text, as PostgreSQL writes them."""
    every = cut(words)
    step = AT_ONCE - PHRASE + 1
    for start in range(0, max(len(every) - PHRASE + 1, 1), step):
        some = every[start : start + AT_ONCE]
        if some:
            yield " ".join(f"'{word}':{place}" for place, word in enumerate(some, start=1))


def queries(phrases: Sequence[str]) -> Iterator[str]:
    """A text search query for each piece of each phrase."""
    for phrase in phrases:
        every = cut(spaced(phrase))
        for start in range(0, max(len(every) - PHRASE + 1, 1), PHRASE - 1):
            yield " <-> ".join(f"'{word}'" for word in every[start : start + PHRASE])


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    return "".join(map(_plain, re.sub(_ACCENT, "", word)))


def _plain(letter: str) -> str:
    """A Latin letter without its accents, any other as it is; small ones, each a single letter."""
    first = unicodedata.normalize("NFD", letter)[0]
    plain = first if first.isascii() else letter
    small = plain.casefold()
    return small if len(small) == 1 else plain
