"""What channels are told."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("change", sa.Integer(), nullable=True),
        sa.Column("since", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("digest", sa.Integer(), nullable=False),
        sa.Column("told_with", sa.Integer(), nullable=True),
        sa.Column("not_before", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], name=op.f("fk_outbox_document")),
        sa.ForeignKeyConstraint(["change"], ["changes.id"], name=op.f("fk_outbox_change")),
        sa.ForeignKeyConstraint(["told_with"], ["outbox.id"], name=op.f("fk_outbox_told_with")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("event", name=op.f("uq_outbox_event")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_outbox_change"), "outbox", ["change"], unique=False)
    op.create_index(op.f("ix_outbox_told_with"), "outbox", ["told_with"], unique=False)
    op.create_index(op.f("ix_outbox_sent_at_channel"), "outbox", ["sent_at", "channel"], unique=False)
