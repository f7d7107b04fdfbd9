"""Where validators were given, and when the database was made and upgraded."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "upgrades",
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_upgrades")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("documents") as documents:
        documents.add_column(sa.Column("seen_url", sa.Text(), nullable=False, server_default=""))
    # Only the rows of before need the default; SQLite drops it by rebuilding the table.
    with op.batch_alter_table("documents", table_kwargs={"sqlite_strict": True}) as documents:
        documents.alter_column("seen_url", server_default=None)
