"""The first schema."""

import sqlalchemy as sa
from alembic import op

from monitor.store.columns import FRACTION, NUMBER, TEXT

revision = "0001"
down_revision = None


def upgrade() -> None:
    _blobs()
    _documents()
    _captures()
    _versions()
    _changes()
    _former_readings()
    _verifications()
    _checks()
    _doubts()


def _blobs() -> None:
    op.create_table(
        "blobs",
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("base", TEXT, nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["base"], ["blobs.sha256"], name=op.f("fk_blobs_base")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blobs")),
        sqlite_strict=True,
    )


def _documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("reasons", TEXT, nullable=False),
        sa.Column("failures", NUMBER, nullable=False),
        sa.Column("since", TEXT, nullable=True),
        sa.Column("last_check", TEXT, nullable=True),
        sa.Column("last_good", TEXT, nullable=True),
        sa.Column("last_change", TEXT, nullable=True),
        sa.Column("next_check", TEXT, nullable=True),
        sa.Column("etag", TEXT, nullable=False),
        sa.Column("last_modified", TEXT, nullable=False),
        sa.Column("seen_sha256", TEXT, nullable=False),
        sa.Column("claimed_by", TEXT, nullable=True),
        sa.Column("claimed_until", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_documents_next_check"), "documents", ["next_check"], unique=False)


def _captures() -> None:
    op.create_table(
        "captures",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("final_url", TEXT, nullable=False),
        sa.Column("status", NUMBER, nullable=False),
        sa.Column("headers", TEXT, nullable=False),
        sa.Column("redirects", TEXT, nullable=False),
        sa.Column("rendered", NUMBER, nullable=False),
        sa.Column("seconds", FRACTION, nullable=False),
        sa.Column("doubtful", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], name=op.f("fk_captures_document")),
        sa.ForeignKeyConstraint(["sha256"], ["blobs.sha256"], name=op.f("fk_captures_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_captures")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_captures_document_sha256"), "captures", ["document", "sha256"], unique=False)
    op.create_index(op.f("ix_captures_sha256"), "captures", ["sha256"], unique=False)


def _versions() -> None:
    op.create_table(
        "versions",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("last_seen", TEXT, nullable=False),
        sa.Column("capture", NUMBER, nullable=False),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("effective", TEXT, nullable=True),
        sa.Column("words", NUMBER, nullable=False),
        sa.Column("fingerprint", TEXT, nullable=False),
        sa.Column("extractor", TEXT, nullable=False),
        sa.Column("reader", TEXT, nullable=False),
        sa.Column("page", TEXT, nullable=False),
        sa.Column("confirmed", NUMBER, nullable=False),
        sa.Column("withdrawn", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["capture"], ["captures.id"], name=op.f("fk_versions_capture")),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], name=op.f("fk_versions_document")),
        sa.ForeignKeyConstraint(["page"], ["blobs.sha256"], name=op.f("fk_versions_page")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_versions")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_versions_document_confirmed"), "versions", ["document", "confirmed"], unique=False
    )


def _changes() -> None:
    op.create_table(
        "changes",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("before", NUMBER, nullable=False),
        sa.Column("after", NUMBER, nullable=False),
        sa.Column("content", TEXT, nullable=False),
        sa.Column("alert", NUMBER, nullable=False),
        sa.Column("technical", NUMBER, nullable=False),
        sa.Column("restores", NUMBER, nullable=True),
        sa.Column("reasons", TEXT, nullable=False),
        sa.Column("confirmed_at", TEXT, nullable=True),
        sa.Column("withdrawn", NUMBER, nullable=False),
        sa.Column("reverted_at", TEXT, nullable=True),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("decided_at", TEXT, nullable=True),
        sa.Column("decided_by", TEXT, nullable=False),
        sa.Column("why", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["after"], ["versions.id"], name=op.f("fk_changes_after")),
        sa.ForeignKeyConstraint(["before"], ["versions.id"], name=op.f("fk_changes_before")),
        sa.ForeignKeyConstraint(["content"], ["blobs.sha256"], name=op.f("fk_changes_content")),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], name=op.f("fk_changes_document")),
        sa.ForeignKeyConstraint(["restores"], ["versions.id"], name=op.f("fk_changes_restores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_changes_after"), "changes", ["after"], unique=False)
    op.create_index(op.f("ix_changes_at"), "changes", ["at"], unique=False)
    op.create_index(op.f("ix_changes_document_at"), "changes", ["document", "at"], unique=False)


def _former_readings() -> None:
    op.create_table(
        "former_readings",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("replaced_at", TEXT, nullable=False),
        sa.Column("fingerprint", TEXT, nullable=False),
        sa.Column("extractor", TEXT, nullable=False),
        sa.Column("reader", TEXT, nullable=False),
        sa.Column("page", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["page"], ["blobs.sha256"], name=op.f("fk_former_readings_page")),
        sa.ForeignKeyConstraint(["version"], ["versions.id"], name=op.f("fk_former_readings_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_readings")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_former_readings_version"), "former_readings", ["version"], unique=False)


def _verifications() -> None:
    op.create_table(
        "verifications",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("product", TEXT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("position", TEXT, nullable=False),
        sa.Column("period", TEXT, nullable=True),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("version", NUMBER, nullable=True),
        sa.Column("evidence", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["version"], ["versions.id"], name=op.f("fk_verifications_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verifications")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )


def _checks() -> None:
    op.create_table(
        "checks",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("started", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("reasons", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=True),
        sa.Column("fingerprint", TEXT, nullable=False),
        sa.Column("capture", NUMBER, nullable=True),
        sa.Column("version", NUMBER, nullable=True),
        sa.Column("change", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["capture"], ["captures.id"], name=op.f("fk_checks_capture")),
        sa.ForeignKeyConstraint(["change"], ["changes.id"], name=op.f("fk_checks_change")),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], name=op.f("fk_checks_document")),
        sa.ForeignKeyConstraint(["version"], ["versions.id"], name=op.f("fk_checks_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checks")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_checks_document_at"), "checks", ["document", "at"], unique=False)


def _doubts() -> None:
    op.create_table(
        "doubts",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("change", NUMBER, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("product", TEXT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("summary", TEXT, nullable=False),
        sa.Column("via", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("closed_by", NUMBER, nullable=True),
        sa.Column("dismissed", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["change"], ["changes.id"], name=op.f("fk_doubts_change")),
        sa.ForeignKeyConstraint(["closed_by"], ["verifications.id"], name=op.f("fk_doubts_closed_by")),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], name=op.f("fk_doubts_document")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doubts")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_doubts_change"), "doubts", ["change"], unique=False)
    op.create_index(op.f("ix_doubts_product_topic"), "doubts", ["product", "topic"], unique=False)
