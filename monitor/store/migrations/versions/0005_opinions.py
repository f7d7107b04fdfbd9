"""What models that the user named said of changes."""

import sqlalchemy as sa
from alembic import op

from monitor.store.columns import NUMBER, TEXT

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "opinions",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("change", NUMBER, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("model", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("position", TEXT, nullable=False),
        sa.Column("summary", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["change"], ["changes.id"], name=op.f("fk_opinions_change")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinions")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_opinions_change"), "opinions", ["change"])
