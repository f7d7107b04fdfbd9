"""What happened over time: the checks of a document, and the changes that wait for a reviewer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, and_, exists, func, or_, select

from monitor.model import CheckResult, Health, RecordedChange, ReviewState, StepKind
from monitor.store import codec, links, queries
from monitor.store.record import current
from monitor.store.rows import AnyRow
from monitor.store.steps import counts, settled
from monitor.store.tables import changes, checks, doubts, steps

_of_change = doubts.c.change == changes.c.id
_open_doubt = exists().where(_of_change, doubts.c.id.not_in(select(settled.c.doubt)))
_dismissed = exists().where(
    steps.c.change == changes.c.id,
    steps.c.kind == StepKind.DISMISSAL,
    counts,
    # What was said of a change while it was unconfirmed was not said of the confirmed one.
    or_(steps.c.confirmed == 1, changes.c.confirmed_at.is_(None)),
)
_waits = and_(
    changes.c.withdrawn == 0,
    ~_dismissed,
    or_(_open_doubt, and_(changes.c.state == ReviewState.TO_REVIEW, ~exists().where(_of_change))),
)


def recent_checks(connection: Connection, document: str, limit: int) -> tuple[CheckResult, ...]:
    """The last checks of a document, oldest first; without the change that each may have brought."""
    query = select(checks.c.at, checks.c.outcome, checks.c.reasons).where(checks.c.document == document)
    rows = connection.execute(query.order_by(checks.c.at.desc(), checks.c.id.desc()).limit(limit)).all()
    return tuple(
        CheckResult(
            document=document,
            at=row.at,
            outcome=row.outcome,
            reasons=codec.reasons_from_json(row.reasons),
        )
        for row in reversed(rows)
    )


def last_number(connection: Connection) -> int:
    """The number of the newest check; 0 before there is one."""
    return connection.scalar(select(func.max(checks.c.id))) or 0


def results(connection: Connection, before: Mapping[str, Health], since: int) -> tuple[CheckResult, ...]:
    """The newest check after number `since` of each of these documents, which did so before it."""
    query = select(checks).where(checks.c.id > since).order_by(checks.c.id)
    rows = {row.document: row for row in connection.execute(query) if row.document in before}
    return tuple(_result(connection, row, before[document]) for document, row in rows.items())


def _result(connection: Connection, row: AnyRow, before: Health) -> CheckResult:
    """The line that a run shows for a check that another process recorded."""
    version = current(connection, row.document)
    return CheckResult(
        document=row.document,
        at=row.at,
        outcome=row.outcome,
        reasons=codec.reasons_from_json(row.reasons),
        change=queries.change(connection, row.change) if row.change else None,
        words=version.words if version else 0,
        before=before,
        links=tuple(one for one in links.findings(connection, [row.document], row.at) if one.at == row.at),
    )


def check_times(connection: Connection, document: str) -> frozenset[datetime]:
    """When each check of a document was, imported ones included."""
    return frozenset(connection.scalars(select(checks.c.at).where(checks.c.document == document)))


def waiting(connection: Connection, *, limit: int) -> tuple[RecordedChange, ...]:
    """The changes that wait for a reviewer: the most serious first, of equals the oldest."""
    order = (changes.c.severity, changes.c.at, changes.c.id)
    rows = connection.execute(select(changes).where(_waits).order_by(*order).limit(limit)).all()
    return queries.whole(connection, rows)


def waiting_numbers(connection: Connection) -> tuple[int, ...]:
    """The numbers of the changes that wait, in the same order."""
    order = (changes.c.severity, changes.c.at, changes.c.id)
    return tuple(connection.scalars(select(changes.c.id).where(_waits).order_by(*order)))


def neighbours(connection: Connection, document: str, number: int) -> tuple[int | None, int | None]:
    """The numbers of the document's change before this one, and of the one after it."""
    mine = select(changes.c.id).where(changes.c.document == document, changes.c.technical == 0)
    at = select(changes.c.at).where(changes.c.id == number).scalar_subquery()
    earlier = or_(changes.c.at < at, and_(changes.c.at == at, changes.c.id < number))
    later = or_(changes.c.at > at, and_(changes.c.at == at, changes.c.id > number))
    before = mine.where(earlier).order_by(changes.c.at.desc(), changes.c.id.desc()).limit(1)
    after = mine.where(later).order_by(changes.c.at, changes.c.id).limit(1)
    return connection.scalar(before), connection.scalar(after)
