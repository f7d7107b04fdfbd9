"""What people did, step by step: nothing is overwritten, and what is settled follows from the steps."""

import sqlalchemy as sa
from alembic import op

from monitor.store.columns import NUMBER, TEXT

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _steps()
    _settlements()
    _publications()
    _tell_the_answers_as_steps()
    # What these said is told by the steps now.
    with op.batch_alter_table("doubts", table_kwargs=_KEPT) as doubts:
        doubts.drop_constraint("fk_doubts_closed_by", type_="foreignkey")
        doubts.drop_column("closed_by")
        doubts.drop_column("dismissed")
    with op.batch_alter_table("changes", table_kwargs=_KEPT) as changes:
        changes.drop_column("decided_at")
        changes.drop_column("decided_by")
        changes.drop_column("why")


_KEPT = {"sqlite_strict": True, "sqlite_autoincrement": True}


def _steps() -> None:
    op.create_table(
        "steps",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("change", NUMBER, nullable=True),
        sa.Column("confirmed", NUMBER, nullable=False),
        sa.Column("document", TEXT, nullable=True),
        sa.Column("version", NUMBER, nullable=True),
        sa.Column("undoes", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["change"], ["changes.id"], name=op.f("fk_steps_change")),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], name=op.f("fk_steps_document")),
        sa.ForeignKeyConstraint(["undoes"], ["steps.id"], name=op.f("fk_steps_undoes")),
        sa.ForeignKeyConstraint(["version"], ["versions.id"], name=op.f("fk_steps_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steps")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_steps_change"), "steps", ["change"], unique=False)
    op.create_index(op.f("ix_steps_undoes"), "steps", ["undoes"], unique=True)


def _settlements() -> None:
    op.create_table(
        "settlements",
        sa.Column("step", NUMBER, nullable=False),
        sa.Column("doubt", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["doubt"], ["doubts.id"], name=op.f("fk_settlements_doubt")),
        sa.ForeignKeyConstraint(["step"], ["steps.id"], name=op.f("fk_settlements_step")),
        sa.PrimaryKeyConstraint("step", "doubt", name=op.f("pk_settlements")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_settlements_doubt"), "settlements", ["doubt"], unique=False)


def _publications() -> None:
    op.create_table(
        "publications",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("product", TEXT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("claims", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_publications_product_topic"), "publications", ["product", "topic"], unique=False)


def _tell_the_answers_as_steps() -> None:
    op.execute(
        'INSERT INTO steps (id, kind, at, "by", note, confirmed)'
        " SELECT id, 'verification', at, \"by\", note, 1 FROM verifications"
    )
    op.execute(
        'INSERT INTO steps (kind, at, "by", note, change, confirmed)'
        " SELECT 'dismissal', coalesce(decided_at, at), decided_by, why, id,"
        " CASE WHEN confirmed_at IS NULL THEN 0 ELSE 1 END"
        " FROM changes WHERE state = 'dismissed' ORDER BY decided_at, id"
    )
    op.execute("INSERT INTO settlements (step, doubt) SELECT closed_by, id FROM doubts WHERE closed_by > 0")
    op.execute(
        "INSERT INTO settlements (step, doubt) SELECT steps.id, doubts.id FROM doubts"
        " JOIN steps ON steps.change = doubts.change AND steps.kind = 'dismissal' WHERE doubts.dismissed = 1"
    )
    op.execute("UPDATE changes SET state = 'to review' WHERE state IN ('verified', 'dismissed')")
