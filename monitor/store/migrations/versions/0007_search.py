"""What every text ever said, for searching, and how serious each change is."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from monitor.severity import most_severe
from monitor.store import blobs, codec, search
from monitor.store.columns import NUMBER, TEXT
from monitor.store.tables import WORDS_TABLE

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "clauses",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("section", TEXT, nullable=False),
        sa.Column("since", TEXT, nullable=False),
        sa.Column("until", TEXT, nullable=True),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], name=op.f("fk_clauses_document")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clauses")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_clauses_document_until"), "clauses", ["document", "until"], unique=False)
    for statement in WORDS_TABLE[op.get_bind().dialect.name]:
        op.execute(statement)
    kept = {"sqlite_strict": True, "sqlite_autoincrement": True}
    with op.batch_alter_table("changes", table_kwargs=kept) as changes:
        changes.add_column(sa.Column("severity", NUMBER, nullable=False, server_default="5"))
    with op.batch_alter_table("changes", table_kwargs=kept) as changes:
        changes.alter_column("severity", server_default=None)
    _weigh_changes(op.get_bind())
    _note_clauses(op.get_bind())


def _weigh_changes(connection: sa.Connection) -> None:
    for number, content in connection.execute(sa.text("SELECT id, content FROM changes")).all():
        _, flags = codec.findings_from_bytes(blobs.get(connection, content))
        found = {"severity": most_severe(flags), "id": number}
        connection.execute(sa.text("UPDATE changes SET severity = :severity WHERE id = :id"), found)


def _note_clauses(connection: sa.Connection) -> None:
    accepted = sa.text("SELECT document, at, page FROM versions WHERE confirmed = 1 ORDER BY id")
    for document, at, page in connection.execute(accepted).all():
        blocks = codec.page_from_bytes(blobs.get(connection, page)).blocks
        search.stand(connection, document, datetime.fromisoformat(at), blocks)
