"""The store's verbs for what channels are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine

from monitor.model import Backlog, Letter, Notice
from monitor.store import outbox
from monitor.store.engine import reading, write


class Outgoing:
    """The part of the store that keeps what is to be told until it was sent."""

    _engine: Engine

    def untried(self, channel: str, now: datetime) -> tuple[Notice, ...]:
        """What a channel may be told now and nobody tried to send yet, oldest first."""
        with reading(self._engine) as connection:
            return outbox.untried(connection, channel, now)

    def tell_together(self, numbers: Sequence[int]) -> None:
        """Send these notices as one message, but for those that somebody began to send meanwhile."""
        write(self._engine, outbox.tell_together, numbers)

    def hurry(self, now: datetime) -> None:
        """Send at once what only waits for the same edit in other documents."""
        write(self._engine, outbox.hurry, now)

    def letters_due(self, channel: str, now: datetime) -> tuple[int, ...]:
        """The numbers of the messages that a channel may be sent now, in order."""
        with reading(self._engine) as connection:
            return outbox.due(connection, channel, now)

    def lease(self, letter: int, *, now: datetime, until: datetime) -> Letter | None:
        """Keep a message to oneself until it is sent; None when it was, or another sends it."""
        return write(self._engine, outbox.lease, letter, now, until)

    def sent(self, letter: Letter, at: datetime) -> None:
        write(self._engine, outbox.sent, letter, at)

    def put_off(self, letter: Letter, *, until: datetime, error: str) -> None:
        """Keep why a message could not be sent, and when it is tried again."""
        write(self._engine, outbox.put_off, letter, until=until, error=error)

    def pause(self, channel: str, *, now: datetime, until: datetime) -> None:
        """Let what waits for a channel wait longer: nobody is there."""
        write(self._engine, outbox.pause, channel, now=now, until=until)

    def backlog(self) -> tuple[Backlog, ...]:
        """What waits to be sent, by channel; of channels that the watchlist no longer has, too."""
        with reading(self._engine) as connection:
            return outbox.backlog(connection)
