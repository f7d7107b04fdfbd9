"""When each host may be asked next, for machines that share the work."""

import sqlalchemy as sa
from alembic import op

from monitor.store.columns import FRACTION, TEXT

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "hosts",
        sa.Column("host", TEXT, nullable=False),
        sa.Column("next_allowed_at", FRACTION, nullable=False),
        sa.Column("held_until", FRACTION, nullable=False),
        sa.Column("promised_at", FRACTION, nullable=False),
        sa.Column("pause", FRACTION, nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_hosts")),
        sqlite_strict=True,
    )
