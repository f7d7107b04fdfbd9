"""What channels are told."""

import sqlalchemy as sa
from alembic import op

from monitor.store.columns import NUMBER, TEXT

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("event", TEXT, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("document", TEXT, nullable=True),
        sa.Column("change", NUMBER, nullable=True),
        sa.Column("since", TEXT, nullable=True),
        sa.Column("failures", NUMBER, nullable=False),
        sa.Column("reasons", TEXT, nullable=False),
        sa.Column("digest", NUMBER, nullable=False),
        sa.Column("told_with", NUMBER, nullable=True),
        sa.Column("not_before", TEXT, nullable=False),
        sa.Column("attempts", NUMBER, nullable=False),
        sa.Column("leased_until", TEXT, nullable=True),
        sa.Column("sent_at", TEXT, nullable=True),
        sa.Column("last_error", TEXT, nullable=False),
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
