"""How the work goes at this moment, in a few numbers, for whoever watches the watcher."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from monitor.store import history, outbox, steps
from monitor.store.tables import checks, documents, doubts


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Where a document stands: what its last check ended in, and when the next one is due."""

    outcome: str
    last_check: datetime | None
    next_check: datetime | None


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A check that ended: in what, and how long it took in seconds."""

    outcome: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """The state of the work, and the checks that ended since another pulse."""

    turns: dict[str, Turn]
    last: int  # the number of the newest check
    finished: tuple[Finished, ...]
    waiting: int  # changes, for a reviewer
    doubts: int  # open ones
    messages: int  # that wait to be sent
    oldest_message: datetime | None = None


def pulse(connection: Connection, since: int | None) -> Pulse:
    """The pulse now, with the checks after number `since`; without it with none."""
    last = connection.scalar(select(func.max(checks.c.id))) or 0
    backlog = outbox.backlog(connection)
    return Pulse(
        turns=_turns(connection),
        last=last,
        finished=() if since is None else _finished(connection, since, last),
        waiting=len(history.waiting_numbers(connection)),
        doubts=_open_doubts(connection),
        messages=sum(one.letters for one in backlog),
        oldest_message=min((one.oldest for one in backlog), default=None),
    )


def _turns(connection: Connection) -> dict[str, Turn]:
    query = select(documents.c.id, documents.c.outcome, documents.c.last_check, documents.c.next_check)
    return {
        row.id: Turn(outcome=row.outcome, last_check=row.last_check, next_check=row.next_check)
        for row in connection.execute(query)
    }


def _finished(connection: Connection, since: int, last: int) -> tuple[Finished, ...]:
    query = select(checks.c.outcome, checks.c.started, checks.c.at)
    rows = connection.execute(query.where(checks.c.id > since, checks.c.id <= last))
    # What was imported ended before the import started.
    return tuple(
        Finished(outcome=row.outcome, seconds=max((row.at - row.started).total_seconds(), 0.0))
        for row in rows
    )


def _open_doubts(connection: Connection) -> int:
    unsettled = doubts.c.id.not_in(select(steps.settled.c.doubt))
    return connection.scalar(select(func.count()).select_from(doubts).where(unsettled)) or 0
