"""The outbox: what channels are told, written with the check that causes it, and sent by one at a time.

A row is sent by itself, or in the message of the row that it is told with; a message's event id, attempts
and lease are those of its first row. A message is leased, sent, and marked as sent: who is cut off in between
leaves a lease that runs out, and the message is sent again under the same event id.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, func, insert, or_, select, update

from monitor.model import Backlog, CheckResult, Letter, Notice, NoticeKind, Watchlist
from monitor.notices import is_told, notices, of_return
from monitor.store import codec, health
from monitor.store.postgres import Lock, hold
from monitor.store.rows import AnyRow, among
from monitor.store.tables import changes, outbox

AT_MOST = 200
"""Messages of a channel that are looked at in one go."""

_UNSENT = outbox.c.sent_at.is_(None)
_FIRST = outbox.c.told_with.is_(None)
_UNTRIED = (_UNSENT, _FIRST, outbox.c.attempts == 0)


# --- writing -------------------------------------------------------------------------------------


def tell(connection: Connection, result: CheckResult, watchlist: Watchlist) -> None:
    """Write what channels are told of a check, in its transaction."""
    if not watchlist.channels:
        return
    after = health.of_one(connection, result.document)
    for notice in notices(result, after, watchlist):
        _put(connection, notice)
    if result.change and result.change.change.restores is not None and not is_told(result.change):
        _tell_of_return(connection, result, watchlist)


def _put(connection: Connection, notice: Notice) -> None:
    values = {
        "event": str(uuid4()),
        "channel": notice.channel,
        "kind": notice.kind.value,
        "at": notice.at,
        "document": notice.document,
        "change": notice.change,
        "since": notice.since,
        "failures": notice.failures,
        "reasons": codec.reasons_to_json(notice.reasons),
        "digest": notice.digest,
        "not_before": notice.not_before,
    }
    connection.execute(insert(outbox), values)


def _tell_of_return(connection: Connection, result: CheckResult, watchlist: Watchlist) -> None:
    """Tell whoever may know of a change that it was taken back; where that still waits, it says so itself."""
    hold(connection, Lock.OUTBOX)  # what is leased from here on is worded after this check is kept
    told = outbox.alias("told")
    first = outbox.alias("first")
    query = (
        select(told.c.channel, told.c.change, told.c.digest)
        .join(first, first.c.id == func.coalesce(told.c.told_with, told.c.id))
        .join(changes, changes.c.id == told.c.change)
        .where(
            changes.c.document == result.document,
            changes.c.reverted_at == result.at,
            told.c.kind == NoticeKind.CHANGE,
            first.c.attempts > 0,
        )
    )
    for row in connection.execute(query).all():
        if channel := watchlist.channels.get(row.channel):
            _put(connection, of_return(channel, result, row.change, digest=row.digest))


# --- gathering -----------------------------------------------------------------------------------


def untried(connection: Connection, channel: str, now: datetime) -> tuple[Notice, ...]:
    """What may be sent and nobody tried to send yet, oldest first."""
    query = select(outbox).where(outbox.c.channel == channel, outbox.c.not_before <= now, *_UNTRIED)
    return tuple(_notice(row) for row in connection.execute(query.order_by(outbox.c.id)))


def tell_together(connection: Connection, numbers: Sequence[int]) -> None:
    """Send these as one message with the first; whatever somebody began to send meanwhile stays apart."""
    hold(connection, Lock.OUTBOX)
    query = (
        select(outbox.c.id).where(among(connection, outbox.c.id, numbers), *_UNTRIED).order_by(outbox.c.id)
    )
    first, *others = connection.scalars(query).all() or [0]
    if others:
        these = among(connection, outbox.c.id, others)
        connection.execute(update(outbox).where(these).values(told_with=first))


def hurry(connection: Connection, now: datetime) -> None:
    """Send at once what only waits for others of its kind: the round that could find them is over."""
    hold(connection, Lock.OUTBOX)
    held = (*_UNTRIED, outbox.c.digest == 0, outbox.c.not_before > now)
    connection.execute(update(outbox).where(*held).values(not_before=now))


# --- sending -------------------------------------------------------------------------------------


def due(connection: Connection, channel: str, now: datetime) -> tuple[int, ...]:
    """The messages that may be sent now: those with the fewest attempts first, then the oldest."""
    query = select(outbox.c.id).where(outbox.c.channel == channel, *_sendable(now))
    order = query.order_by(outbox.c.attempts, outbox.c.id).limit(AT_MOST)
    return tuple(connection.execute(order).scalars())


def lease(connection: Connection, number: int, now: datetime, until: datetime) -> Letter | None:
    """Keep a message to oneself and count the attempt; None while another sends it, or when it was sent."""
    hold(connection, Lock.OUTBOX)
    taken = connection.execute(
        update(outbox)
        .where(outbox.c.id == number, *_sendable(now))
        .values(leased_until=until, attempts=outbox.c.attempts + 1)
    )
    if taken.rowcount != 1:
        return None
    query = select(outbox).where(_of_letter(number)).order_by(outbox.c.id)
    rows = connection.execute(query).all()
    first = next(row for row in rows if row.id == number)
    return Letter(
        event=first.event,
        notices=(_notice(first), *(_notice(row) for row in rows if row.id != number)),
        attempts=first.attempts,
        leased_until=first.leased_until,
    )


def sent(connection: Connection, letter: Letter, at: datetime) -> None:
    """Mark a message as sent, and let what failed before go at once: the receiver is there."""
    hold(connection, Lock.OUTBOX)
    done = {"sent_at": at, "leased_until": None, "last_error": ""}
    connection.execute(update(outbox).where(_of_letter(letter.id), _UNSENT).values(done))
    free = or_(outbox.c.leased_until.is_(None), outbox.c.leased_until < at)
    tried = (outbox.c.channel == letter.notices[0].channel, outbox.c.attempts > 0, outbox.c.not_before > at)
    connection.execute(update(outbox).where(_UNSENT, _FIRST, free, *tried).values(not_before=at))


def put_off(connection: Connection, letter: Letter, *, until: datetime, error: str) -> None:
    """Keep why a message could not be sent, and when to try again; not over the head of who sends it now."""
    hold(connection, Lock.OUTBOX)
    ours = (outbox.c.id == letter.id, _UNSENT, outbox.c.leased_until == letter.leased_until)
    values = {"not_before": until, "leased_until": None, "last_error": error}
    connection.execute(update(outbox).where(*ours).values(values))


def pause(connection: Connection, channel: str, *, now: datetime, until: datetime) -> None:
    """Let a channel's other messages wait."""
    hold(connection, Lock.OUTBOX)
    waits = (outbox.c.channel == channel, *_sendable(now))
    connection.execute(update(outbox).where(*waits).values(not_before=until))


def _sendable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    free = or_(outbox.c.leased_until.is_(None), outbox.c.leased_until < now)
    return (_UNSENT, _FIRST, outbox.c.not_before <= now, free)


def _of_letter(number: int) -> ColumnElement[bool]:
    return or_(outbox.c.id == number, outbox.c.told_with == number)


# --- looking -------------------------------------------------------------------------------------


def backlog(connection: Connection) -> tuple[Backlog, ...]:
    """What waits for every channel that anything waits for, by its name."""
    failing = (outbox.c.last_error != "").label("failing")
    query = select(outbox, failing).where(_UNSENT, _FIRST).order_by(outbox.c.channel, outbox.c.id)
    found: dict[str, list[AnyRow]] = {}
    for row in connection.execute(query):
        found.setdefault(row.channel, []).append(row)
    return tuple(_backlog(channel, rows) for channel, rows in found.items())


def _backlog(channel: str, rows: Iterable[AnyRow]) -> Backlog:
    waiting = list(rows)
    failed = [row for row in waiting if row.failing]
    last = max(failed, key=lambda row: (row.attempts, row.id), default=None)
    return Backlog(
        channel=channel,
        letters=len(waiting),
        oldest=min(row.at for row in waiting),
        next=min(row.not_before for row in waiting),
        failing=len(failed),
        error=last.last_error if last else "",
    )


def _notice(row: AnyRow) -> Notice:
    return Notice(
        channel=row.channel,
        kind=NoticeKind(row.kind),
        at=row.at,
        not_before=row.not_before,
        digest=row.digest,
        document=row.document or "",
        change=row.change,
        since=row.since,
        failures=row.failures,
        reasons=codec.reasons_from_json(row.reasons),
        id=row.id,
    )
