"""An index that alone answers which documents are not due yet."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.drop_index(op.f("ix_documents_next_check"), "documents")
    op.create_index(op.f("ix_documents_next_check_id"), "documents", ["next_check", "id"], unique=False)
