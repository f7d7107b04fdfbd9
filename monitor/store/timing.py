"""The store's verbs for when documents are due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Engine

from monitor.store import turns
from monitor.store.engine import reading, write
from monitor.store.rows import AT_ONCE


class Timing:
    """The part of the store that says when each document is checked next."""

    _engine: Engine

    def due(self, document_ids: Iterable[str], now: datetime) -> tuple[str, ...]:
        """Those whose next check is due, or that were never checked, in the order given."""
        with reading(self._engine) as connection:
            return turns.due(connection, document_ids, now)

    def overdue(self, now: datetime) -> dict[str, datetime]:
        """Every document whose next check is past, with when that was; also those watched no longer."""
        with reading(self._engine) as connection:
            return turns.overdue(connection, now)

    def planned(self) -> tuple[tuple[str, datetime, datetime], ...]:
        """The documents that their last check saw: each with when that was, and when the next one is."""
        with reading(self._engine) as connection:
            return turns.planned(connection)

    def set_next_check(self, document_id: str, at: datetime) -> None:
        write(self._engine, turns.set_next_check, document_id, at)

    def reschedule(self, times: Mapping[str, datetime]) -> None:
        """Set when these are due, a thousand in a transaction: each by itself would take a minute for 10,000.

        One that the database does not know yet is left out.
        """
        # In one order, so that two that do so never wait for each other in a circle.
        ordered = sorted(times.items())
        for start in range(0, len(ordered), AT_ONCE):
            write(self._engine, turns.reschedule, ordered[start : start + AT_ONCE])
