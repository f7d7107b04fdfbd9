"""The language of each version, told once: to read every text again for every report took longest of all."""

import sqlalchemy as sa
from alembic import op

from monitor.store.columns import TEXT

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("versions", sa.Column("language", TEXT))
