"""Imported histories: their sources, their place before what was seen here, and how far they got."""

import sqlalchemy as sa
from alembic import op

from monitor.store.columns import NUMBER, TEXT

revision = "0009"
down_revision = "0008"

KEPT = {"sqlite_strict": True, "sqlite_autoincrement": True}

# What PostgreSQL asks whenever a row goes that others may cite; no database there is older than this.
CITING = (
    ("blobs", "base", "optional"),
    ("versions", "page", ""),
    ("versions", "capture", ""),
    ("former_readings", "page", ""),
    ("changes", "before", ""),
    ("changes", "restores", "optional"),
    ("changes", "content", ""),
    ("checks", "capture", "optional"),
    ("checks", "change", "optional"),
    ("checks", "version", "optional"),
    ("steps", "document", "optional"),
    ("steps", "version", "optional"),
    ("verifications", "version", "optional"),
    ("doubts", "document", ""),
    ("link_findings", "document", ""),
    ("outbox", "document", "optional"),
)


def upgrade() -> None:
    _add("captures", sa.Column("source", TEXT, nullable=False, server_default=""))
    _add("changes", sa.Column("source", TEXT, nullable=False, server_default=""))
    _add("versions", sa.Column("era", NUMBER, nullable=False, server_default="0"))
    op.create_table(
        "imports",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("done", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_imports_document_source"), "imports", ["document", "source"], unique=True)
    if op.get_bind().dialect.name == "postgresql":
        for table, name, optional in CITING:
            given = sa.column(name).is_not(None) if optional else None
            op.create_index(op.f(f"ix_{table}_{name}"), table, [name], postgresql_where=given)


def _add(table: str, column: sa.Column[object]) -> None:
    with op.batch_alter_table(table, table_kwargs=KEPT) as changed:
        changed.add_column(column)
    # The default was for the rows that there were; a program writes every value itself.
    with op.batch_alter_table(table, table_kwargs=KEPT) as changed:
        changed.alter_column(str(column.name), server_default=None)
