"""The legal documents that pages link to, and what was told about them."""

import sqlalchemy as sa
from alembic import op

from monitor.store.columns import NUMBER, TEXT

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("documents") as documents:
        documents.add_column(sa.Column("links_reader", TEXT, nullable=True))
    op.create_table(
        "seen_links",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("first_seen", TEXT, nullable=False),
        sa.Column("since", TEXT, nullable=False),
        sa.Column("present", NUMBER, nullable=False),
        sa.Column("settled", NUMBER, nullable=False),
        sa.Column("vanished_at", TEXT, nullable=True),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], name=op.f("fk_seen_links_document")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seen_links")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_seen_links_document"), "seen_links", ["document"])
    op.create_table(
        "link_findings",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("former_url", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], name=op.f("fk_link_findings_document")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_findings")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_link_findings_at"), "link_findings", ["at"])
