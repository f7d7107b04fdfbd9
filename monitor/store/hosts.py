"""When each host may be asked next, for all machines that share one PostgreSQL.

Every time is in seconds of the epoch by the server's clock: those of the machines need not agree. A turn is
taken by moving the host's next time on by a guard, longer than most answers take, and ended by setting it to
the end of the pause; who is killed in between holds up the host for the guard and no longer.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from monitor.tickets import Turn

SHORT = 20.0
"""Seconds that a worker waits for a host itself; for longer it does something else."""

_NOW = "CAST(extract(epoch FROM clock_timestamp()) AS double precision)"

_TAKE = text(
    f"UPDATE hosts SET next_allowed_at = t.now + :guard FROM (SELECT {_NOW} AS now) AS t"
    " WHERE host = :host AND next_allowed_at <= t.now AND held_until <= t.now RETURNING next_allowed_at"
)
_LEFT = text(
    f"SELECT next_allowed_at - t.now AS wait, held_until - t.now AS held FROM hosts, (SELECT {_NOW} AS now) t"
    " WHERE host = :host"
)
_NEW = text(
    "INSERT INTO hosts (host, next_allowed_at, held_until, promised_at, pause) VALUES (:host, 0, 0, 0, 0)"
    " ON CONFLICT (host) DO NOTHING"
)
_END = text(
    "UPDATE hosts SET pause = :pause, next_allowed_at = CASE WHEN next_allowed_at = :mark THEN t.now + :pause"
    f" ELSE greatest(next_allowed_at, t.now + :pause) END FROM (SELECT {_NOW} AS now) AS t WHERE host = :host"
)
_HOLD = text(f"UPDATE hosts SET held_until = greatest(held_until, {_NOW} + :seconds) WHERE host = :host")
_PROMISE = text(
    "UPDATE hosts SET promised_at = greatest(promised_at + pause, next_allowed_at, held_until)"
    f" FROM (SELECT {_NOW} AS now) AS t"
    " WHERE host = :host AND greatest(next_allowed_at, held_until) > t.now + :short"
    " RETURNING promised_at - t.now AS wait"
)


def take(connection: Connection, host: str, guard: float) -> Turn:
    """The host's turn, if it is free now; the next one is free after `guard` seconds, or once it is ended."""
    named = {"host": host}
    mark = connection.execute(_TAKE, named | {"guard": guard}).scalar_one_or_none()
    if mark is not None:
        return Turn(mark)
    left = connection.execute(_LEFT, named).one_or_none()
    if left is None:
        connection.execute(_NEW, named)
        return take(connection, host, guard)
    return Turn(None, max(left.wait, left.held, 0.0), held=left.held > 0)


def end(connection: Connection, host: str, mark: float, pause: float) -> None:
    """Let the next turn come after the pause, in seconds."""
    connection.execute(_END, {"host": host, "mark": mark, "pause": pause})


def hold(connection: Connection, host: str, seconds: float) -> None:
    """Give no turn at a host for so long."""
    connection.execute(_NEW, {"host": host})
    connection.execute(_HOLD, {"host": host, "seconds": seconds})


def promise(connection: Connection, host: str) -> float:
    """0 where a turn comes shortly; else in how many seconds to come again, one asker after the other."""
    wait = connection.execute(_PROMISE, {"host": host, "short": SHORT}).scalar_one_or_none()
    return float(wait or 0.0)
