"""Imported histories: their sources, their place before what was seen here, and how far they got."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

KEPT = {"sqlite_strict": True, "sqlite_autoincrement": True}


def upgrade() -> None:
    _add("captures", sa.Column("source", sa.Text(), nullable=False, server_default=""))
    _add("changes", sa.Column("source", sa.Text(), nullable=False, server_default=""))
    _add("versions", sa.Column("era", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("done", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_imports_document_source"), "imports", ["document", "source"], unique=True)


def _add(table: str, column: sa.Column[object]) -> None:
    with op.batch_alter_table(table, table_kwargs=KEPT) as changed:
        changed.add_column(column)
    # The default was for the rows that there were; a program writes every value itself.
    with op.batch_alter_table(table, table_kwargs=KEPT) as changed:
        changed.alter_column(str(column.name), server_default=None)
