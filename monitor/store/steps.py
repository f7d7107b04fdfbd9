"""Reading what people did: the steps, which of them count, and what they settled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, exists, func, or_, select

from monitor.errors import UsageError
from monitor.model import Claim, Publication, Step, StepKind, Verification
from monitor.store import codec
from monitor.store.rows import AnyRow, among
from monitor.store.tables import changes, doubts, publications, settlements, steps, verifications

_undo = steps.alias("undo")

counts = ~exists().where(_undo.c.undoes == steps.c.id)
"""Whether a step was not undone."""

settled = (
    select(settlements.c.doubt, steps.c.id.label("step"), steps.c.kind)
    .join(steps, steps.c.id == settlements.c.step)
    .where(counts)
    .subquery("settled")
)
"""The doubts that a step which counts has settled."""

with_settlement = select(doubts, settled.c.step, settled.c.kind).outerjoin(
    settled, settled.c.doubt == doubts.c.id
)
"""Doubts, each beside the step that settled it; without one it is open."""

_DISMISSALS = (
    select(steps.c.change, steps.c.id, steps.c.note)
    .join(changes, changes.c.id == steps.c.change)
    # What was said of a change while it was unconfirmed was not said of the confirmed one.
    .where(
        steps.c.kind == StepKind.DISMISSAL,
        counts,
        or_(steps.c.confirmed == 1, changes.c.confirmed_at.is_(None)),
    )
    .order_by(steps.c.id)
)

_STEPS = select(steps, _undo.c.id.label("undone_by")).outerjoin(_undo, _undo.c.undoes == steps.c.id)


def dismissals(connection: Connection, numbers: Iterable[int]) -> dict[int, AnyRow]:
    """Which of these changes are dismissed: by which step, with its note."""
    rows = connection.execute(_DISMISSALS.where(among(connection, steps.c.change, numbers)))
    return {row.change: row for row in rows}


def all_steps(connection: Connection) -> tuple[Step, ...]:
    """Everything that people ever did, oldest first."""
    return _steps(connection, _STEPS.order_by(steps.c.at, steps.c.id))


def step(connection: Connection, number: int) -> Step:
    found = _steps(connection, _STEPS.where(steps.c.id == number))
    if not found:
        highest = connection.execute(select(func.max(steps.c.id))).scalar() or 0
        raise UsageError(f"there is no step {number}; the highest number is {highest}")
    return found[0]


def last(connection: Connection) -> Step | None:
    """The last step that counts and is no undo itself."""
    acts = _STEPS.where(steps.c.kind != StepKind.UNDO, _undo.c.id.is_(None))
    found = _steps(connection, acts.order_by(steps.c.id.desc()).limit(1))
    return found[0] if found else None


def verifications_that_count(
    connection: Connection, products: Iterable[str] | None = None
) -> tuple[Verification, ...]:
    """Every answer that was not undone, about these product paths if any are named, oldest first."""
    query = select(verifications).join(steps, steps.c.id == verifications.c.id).where(counts)
    if products is not None:
        query = query.where(among(connection, verifications.c.product, products))
    return tuple(_verification(row) for row in connection.execute(query.order_by(verifications.c.id)))


def answers_in_force(connection: Connection) -> tuple[Verification, ...]:
    """The last answer about each claim that counts."""
    newest = (verifications.c.at.desc(), verifications.c.id.desc())
    of_claim = (verifications.c.product, verifications.c.topic)
    rank = func.row_number().over(partition_by=of_claim, order_by=newest)
    counted = select(verifications.c.id, rank.label("rank")).join(steps, steps.c.id == verifications.c.id)
    ranked = counted.where(counts).subquery()
    query = select(verifications).join(ranked, ranked.c.id == verifications.c.id).where(ranked.c.rank == 1)
    return tuple(_verification(row) for row in connection.execute(query.order_by(verifications.c.id)))


def answer_in_force(connection: Connection, product: str, topic: str) -> Verification | None:
    """The last answer about a claim that counts."""
    query = select(verifications).join(steps, steps.c.id == verifications.c.id)
    query = query.where(counts, verifications.c.product == product, verifications.c.topic == topic)
    query = query.order_by(verifications.c.at.desc(), verifications.c.id.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return _verification(row) if row else None


def all_publications(connection: Connection) -> tuple[Publication, ...]:
    """What the watchlist ever said, oldest first."""
    rows = connection.execute(select(publications).order_by(publications.c.id))
    return tuple(
        Publication(
            product=row.product,
            topic=row.topic,
            at=row.at,
            claims=codec.claims_from_json(row.product, row.topic, row.claims),
        )
        for row in rows
    )


def _steps(connection: Connection, query: Select[*tuple[Any, ...]]) -> tuple[Step, ...]:
    rows = connection.execute(query).all()
    answers = {row.id: _verification(row) for row in connection.execute(select(verifications))}
    closed: dict[int, list[int]] = defaultdict(list)
    for row in connection.execute(select(settlements).order_by(settlements.c.doubt)):
        closed[row.step].append(row.doubt)
    return tuple(
        Step(
            id=row.id,
            kind=StepKind(row.kind),
            at=row.at,
            by=row.by,
            note=row.note,
            verification=answers.get(row.id),
            change=row.change,
            document=row.document or "",
            version=row.version,
            undoes=row.undoes,
            undone_by=row.undone_by,
            settled=tuple(closed[row.id]),
        )
        for row in rows
    )


def _verification(row: AnyRow) -> Verification:
    return Verification(
        product=row.product,
        topic=row.topic,
        position=row.position,
        at=row.at,
        period=codec.duration_from_json(row.period) if row.period else None,
        by=row.by,
        note=row.note,
        version=row.version,
        evidence=row.evidence,
        id=row.id,
    )


def published_last(connection: Connection) -> dict[tuple[str, str], tuple[Claim, ...]]:
    """What the watchlist last said, by (product, topic)."""
    return {(one.product, one.topic): one.claims for one in all_publications(connection)}
