"""The tables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    DDL,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    Table,
    event,
)

from monitor.store.columns import FRACTION, NUMBER, TEXT, Day, Instant, Json, Prose, YesNo

SCHEMA = "0011"  # the newest revision under migrations/versions

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _yes_no(name: str) -> Column[bool]:
    return Column(name, YesNo, nullable=False, default=False)


def _prose(name: str) -> Column[str]:
    return Column(name, Prose, nullable=False, default="")


def _reasons(name: str = "reasons") -> Column[Any]:
    return Column(name, Json, nullable=False, default=[])


# Immutable bytes by the hash of their plain form: captured bodies, pages as read, changes with clauses.
blobs = Table(
    "blobs",
    metadata,
    Column("sha256", TEXT, primary_key=True),
    Column("size", NUMBER, nullable=False),  # of the plain form
    Column("base", ForeignKey("blobs.sha256")),  # the blob this one is compressed against, if any
    Column("data", LargeBinary, nullable=False),
    sqlite_strict=True,
)

# One row for each document ever seen: how watching it goes, and who is checking it now.
documents = Table(
    "documents",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("outcome", TEXT, nullable=False, default=""),
    _reasons(),
    Column("failures", NUMBER, nullable=False, default=0),
    Column("since", Instant),
    Column("last_check", Instant),
    Column("last_good", Instant),
    Column("last_change", Instant),
    Column("next_check", Instant),
    _prose("etag"),
    _prose("last_modified"),
    _prose("seen_url"),  # of the answer that gave the validators
    Column("seen_sha256", TEXT, nullable=False, default=""),  # of the last bytes that read as the version
    Column("claimed_by", TEXT),
    Column("claimed_until", Instant),
    Column("links_reader", TEXT),  # how its links were read last; NULL until they were
    Index(None, "next_check", "id"),  # whole in itself: of 100,000 documents it is read at every round
    sqlite_strict=True,
)

# When this database was made, and brought to each later revision.
upgrades = Table(
    "upgrades",
    metadata,
    Column("revision", TEXT, primary_key=True),
    Column("at", Instant, nullable=False),
    sqlite_strict=True,
)

captures = Table(
    "captures",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("document", ForeignKey("documents.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("sha256", ForeignKey("blobs.sha256"), nullable=False, index=True),
    _prose("url"),
    _prose("final_url"),
    Column("status", NUMBER, nullable=False),
    Column("headers", Json, nullable=False),
    Column("redirects", Json, nullable=False),
    _yes_no("rendered"),
    Column("seconds", FRACTION, nullable=False),
    _yes_no("doubtful"),
    _prose("source"),  # where it was imported from; "" fetched here
    Index(None, "document", "sha256"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

# A document's versions follow each other by era, then by id: a history that was imported before what was
# seen here has a lower era. The last confirmed one is in force. A later one that is neither confirmed nor
# withdrawn is its candidate; there is at most one.
versions = Table(
    "versions",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("document", ForeignKey("documents.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    Column("capture", ForeignKey("captures.id"), nullable=False),
    _prose("url"),
    _prose("title"),
    Column("effective", Day),
    Column("words", NUMBER, nullable=False),
    Column("fingerprint", TEXT, nullable=False),
    Column("extractor", TEXT, nullable=False),
    Column("reader", TEXT, nullable=False),
    Column("page", ForeignKey("blobs.sha256"), nullable=False),
    _yes_no("confirmed"),
    _yes_no("withdrawn"),
    Column("language", TEXT),  # that its words tell, "" where they do not; NULL until somebody asked
    Column("era", NUMBER, nullable=False, default=0),
    Index(None, "document", "confirmed"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

# How a version was read before a newer extractor or other selectors read its capture again.
former_readings = Table(
    "former_readings",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("version", ForeignKey("versions.id"), nullable=False, index=True),
    Column("replaced_at", Instant, nullable=False),
    Column("fingerprint", TEXT, nullable=False),
    Column("extractor", TEXT, nullable=False),
    Column("reader", TEXT, nullable=False),
    Column("page", ForeignKey("blobs.sha256"), nullable=False),
    sqlite_strict=True,
)

changes = Table(
    "changes",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("document", ForeignKey("documents.id"), nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("before", ForeignKey("versions.id"), nullable=False),
    Column("after", ForeignKey("versions.id"), nullable=False, index=True),
    Column("content", ForeignKey("blobs.sha256"), nullable=False),  # clauses and flags
    _yes_no("alert"),
    _yes_no("technical"),
    Column("restores", ForeignKey("versions.id")),
    _reasons(),
    Column("confirmed_at", Instant),
    _yes_no("withdrawn"),
    Column("reverted_at", Instant),
    Column("state", TEXT, nullable=False),  # as the check found it; what people did with it is in the steps
    Column("severity", NUMBER, nullable=False),  # 0 for what a reviewer reads first
    _prose("source"),  # where the history that it is part of was imported from
    Index(None, "document", "at"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

checks = Table(
    "checks",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("document", ForeignKey("documents.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("started", Instant, nullable=False),
    Column("outcome", TEXT, nullable=False),
    _reasons(),
    Column("sha256", TEXT),  # of what came; not always kept
    Column("fingerprint", TEXT, nullable=False, default=""),  # of what a doubtful capture holds
    Column("capture", ForeignKey("captures.id")),
    Column("version", ForeignKey("versions.id")),
    Column("change", ForeignKey("changes.id")),
    Index(None, "document", "at"),
    sqlite_strict=True,
)

# What people did: rows are only ever added. A step counts until another one undoes it.
steps = Table(
    "steps",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("kind", TEXT, nullable=False),
    Column("at", Instant, nullable=False),
    _prose("by"),
    _prose("note"),
    Column("change", ForeignKey("changes.id"), index=True),  # dismissed, or made by an acceptance
    _yes_no("confirmed"),  # whether the change was, when it was dismissed
    Column("document", ForeignKey("documents.id")),  # accepted
    Column("version", ForeignKey("versions.id")),  # that an acceptance made
    Column("undoes", ForeignKey("steps.id")),
    Index(None, "undoes", unique=True),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

# The doubts that a step settled; a doubt is open while no step that counts has settled it.
settlements = Table(
    "settlements",
    metadata,
    Column("step", ForeignKey("steps.id"), primary_key=True),
    Column("doubt", ForeignKey("doubts.id"), primary_key=True, index=True),
    sqlite_strict=True,
)

# What the watchlist published on a topic of a product path, whenever that was seen to be new.
publications = Table(
    "publications",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("at", Instant, nullable=False),
    _prose("product"),
    _prose("topic"),
    Column("claims", Json, nullable=False),
    Index(None, "product", "topic"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

verifications = Table(
    "verifications",
    metadata,
    Column("id", NUMBER, primary_key=True),  # of its step
    _prose("product"),
    _prose("topic"),
    _prose("position"),
    Column("period", Json),
    Column("at", Instant, nullable=False),
    _prose("by"),
    _prose("note"),
    Column("version", ForeignKey("versions.id")),
    _prose("evidence"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

doubts = Table(
    "doubts",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("change", ForeignKey("changes.id"), nullable=False, index=True),
    Column("document", ForeignKey("documents.id"), nullable=False),
    _prose("product"),
    _prose("topic"),
    _prose("summary"),
    _prose("via"),
    Column("at", Instant, nullable=False),
    Index(None, "product", "topic"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

# What models that the user named said of changes; nothing else refers to them.
opinions = Table(
    "opinions",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("change", ForeignKey("changes.id"), nullable=False, index=True),
    _prose("topic"),
    _prose("model"),
    Column("at", Instant, nullable=False),
    _prose("position"),
    _prose("summary"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

# How far each import of a document's history got.
imports = Table(
    "imports",
    metadata,
    Column("id", NUMBER, primary_key=True),
    _prose("source"),
    Column("document", TEXT, nullable=False),
    _prose("done"),  # the last record's name at its source
    Column("at", Instant, nullable=False),  # of that record
    Index(None, "document", "source", unique=True),
    sqlite_strict=True,
)

# When each host may be asked next, in seconds of the epoch; of use where several machines share the work.
hosts = Table(
    "hosts",
    metadata,
    Column("host", TEXT, primary_key=True),
    Column("next_allowed_at", FRACTION, nullable=False),
    Column("held_until", FRACTION, nullable=False),  # the host itself asked for that
    Column("promised_at", FRACTION, nullable=False),  # to the last who was told to come again
    Column("pause", FRACTION, nullable=False),  # between requests, as it was last
    sqlite_strict=True,
)

# The legal documents that a page links to: `present` is what the last look showed, `settled` what two looks
# agreed on. A link that left keeps its row, so that a menu that flips is known when it comes back.
seen_links = Table(
    "seen_links",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("document", ForeignKey("documents.id"), nullable=False, index=True),
    _prose("text"),
    _prose("url"),
    Column("first_seen", Instant, nullable=False),
    Column("since", Instant, nullable=False),  # of `present`
    _yes_no("present"),
    _yes_no("settled"),
    Column("vanished_at", Instant),
    sqlite_strict=True,
)

# What was told about them: a finding of its own, never a change.
link_findings = Table(
    "link_findings",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("document", ForeignKey("documents.id"), nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("kind", TEXT, nullable=False),
    _prose("text"),
    _prose("url"),
    _prose("former_url"),  # of one that only moved
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

# What every text ever said, for searching: a clause once for as long as it stood.
clauses = Table(
    "clauses",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("document", ForeignKey("documents.id"), nullable=False),
    Column("digest", TEXT, nullable=False),  # of the text
    _prose("text"),
    Column("section", Json, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),  # first seen without it; NULL while it stands
    Index(None, "document", "until"),
    sqlite_strict=True,
)

# What channels are told, each once: a row is sent by itself, or in the message of the row it is told with.
outbox = Table(
    "outbox",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("event", TEXT, nullable=False, unique=True),  # a UUID: what a receiver knows a repetition by
    _prose("channel"),
    Column("kind", TEXT, nullable=False),
    Column("at", Instant, nullable=False),
    Column("document", ForeignKey("documents.id")),
    Column("change", ForeignKey("changes.id"), index=True),
    Column("since", Instant),  # of a document that was not seen: when it was seen last
    Column("failures", NUMBER, nullable=False),
    _reasons(),
    _yes_no("digest"),
    Column("told_with", ForeignKey("outbox.id"), index=True),
    Column("not_before", Instant, nullable=False),
    Column("attempts", NUMBER, nullable=False, default=0),
    Column("leased_until", Instant),
    Column("sent_at", Instant),
    _prose("last_error"),
    Index(None, "sent_at", "channel"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

# The index of words, without the texts themselves.
WORDS_TABLE = {
    "sqlite": (
        "CREATE VIRTUAL TABLE clauses_words"
        " USING fts5(words, content='', tokenize='unicode61 remove_diacritics 2')",
    ),
    "postgresql": (
        "CREATE TABLE clauses_words (clause BIGINT NOT NULL"
        " CONSTRAINT fk_clauses_words_clause REFERENCES clauses (id), words TSVECTOR NOT NULL)",
        "CREATE INDEX ix_clauses_words_clause ON clauses_words (clause)",
        "CREATE INDEX ix_clauses_words_words ON clauses_words USING gin (words)",
    ),
}

for _dialect, _statements in WORDS_TABLE.items():
    for _statement in _statements:
        event.listen(clauses, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]  # of SQLAlchemy
