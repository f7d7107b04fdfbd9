"""Where validators were given, and when the database was made and upgraded."""

import sqlalchemy as sa
from alembic import op

from monitor.store.columns import TEXT

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "upgrades",
        sa.Column("revision", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_upgrades")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("documents") as documents:
        documents.add_column(sa.Column("seen_url", TEXT, nullable=False, server_default=""))
    # Only the rows of before need the default; SQLite drops it by rebuilding the table.
    with op.batch_alter_table("documents", table_kwargs={"sqlite_strict": True}) as documents:
        documents.alter_column("seen_url", server_default=None)
