"""What the checks of a document came to, over time."""

from __future__ import annotations

from sqlalchemy import Connection, select

from monitor.model import CheckResult
from monitor.store import codec
from monitor.store.tables import checks


def recent_checks(connection: Connection, document: str, limit: int) -> tuple[CheckResult, ...]:
    """The last checks of a document, oldest first; without the change that each may have brought."""
    query = select(checks.c.at, checks.c.outcome, checks.c.reasons).where(checks.c.document == document)
    rows = connection.execute(query.order_by(checks.c.id.desc()).limit(limit)).all()
    return tuple(
        CheckResult(
            document=document,
            at=row.at,
            outcome=row.outcome,
            reasons=codec.reasons_from_json(row.reasons),
        )
        for row in reversed(rows)
    )
