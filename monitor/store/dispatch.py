"""The store's verbs for machines that share the work: tickets in queues, and turns at hosts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, select

from monitor.errors import MissingExtra, StoreError, UsageError
from monitor.model import CheckResult, Document, Health
from monitor.store import history, hosts, jobs, queue_tables, turns
from monitor.store.engine import is_sqlite, reading, write
from monitor.store.jobs import Line
from monitor.tickets import Standing, Ticket, Turn, chosen, key_of, ticket

NEVER = datetime.min.replace(tzinfo=UTC)


class Dispatching:
    """The part of the store that several machines work by; it needs PostgreSQL."""

    _engine: Engine

    @property
    def shared(self) -> bool:
        """Whether processes on other machines may use this database too."""
        return not is_sqlite(self._engine)

    @property
    def conninfo(self) -> str:
        """Where the database is, as PostgreSQL's own library writes it."""
        return self._engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def responds(self) -> bool:
        """Whether the database can be used at this moment."""
        try:
            with reading(self._engine) as connection:
                connection.execute(select(1))
        except StoreError:
            return False
        return True

    def require_queue(self) -> None:
        """UsageError where there can be no queue, MissingExtra where its engine is not installed."""
        if not self.shared:
            raise UsageError(
                "a queue needs PostgreSQL, and this database is one of SQLite; name one with --database or"
                " MONITOR_DATABASE, as in postgresql://user@host/database (see docs/operations.md)"
            )
        if queue_tables.installed() is None:
            raise MissingExtra("A queue", "postgres")
        with reading(self._engine) as connection:
            queue_tables.refuse_newer(connection)

    def standings(self, document_ids: Sequence[str]) -> dict[str, Standing]:
        """How each of these documents stands, by which it is told where its check waits."""
        with reading(self._engine) as connection:
            return turns.standings(connection, document_ids)

    # --- tickets ---

    def defer_due(
        self, documents: Mapping[str, Document], now: datetime, *, per_host: int
    ) -> tuple[Ticket, ...]:
        """Queue a check of each of these that is due, neither queued nor being checked, and finds room."""
        return write(self._engine, _defer_due, documents, now, per_host)

    def ask(self, documents: Iterable[Document], *, per_host: int) -> tuple[Ticket, ...]:
        """Queue a check of each of these before all that is only due."""
        return write(self._engine, _ask, {document.id: document for document in documents}, per_host)

    def queued(self) -> frozenset[str]:
        """The documents whose tickets wait or are being worked on."""
        with reading(self._engine) as connection:
            return frozenset(key.removeprefix(key_of("")) for key in jobs.queued(connection))

    def claimed(self, now: datetime) -> frozenset[str]:
        """The documents that somebody keeps to himself now."""
        with reading(self._engine) as connection:
            return turns.claimed(connection, now)

    def give_back(self, one: Ticket) -> None:
        """Queue a ticket that was taken and is not worked on any more."""
        write(self._engine, jobs.put, [one])

    def take(self, one: Ticket, *, by: str, now: datetime, until: datetime) -> bool:
        """Keep a document to oneself for the check on its ticket; False where that is not wanted any more."""
        return write(self._engine, turns.claim_for, one, by=by, now=now, until=until)

    def postpone(self, one: Ticket, at: datetime) -> None:
        """Let the document of a ticket be due later, unless its due time is another one by now."""
        write(self._engine, turns.postpone, one, at)

    def reap(self, seconds: float) -> tuple[str, ...]:
        """Let the checks of workers that were silent for so long be taken again; the documents of those."""
        return tuple(key.removeprefix(key_of("")) for key in write(self._engine, jobs.reap, seconds))

    def line(self) -> Line:
        """How the queues stand; empty on SQLite, which has none."""
        if not self.shared:
            return Line()
        with reading(self._engine) as connection:
            return jobs.line(connection) if queue_tables.recorded(connection) else Line()

    def last_number(self) -> int:
        """The number of the newest check."""
        with reading(self._engine) as connection:
            return history.last_number(connection)

    def results(self, before: Mapping[str, Health], since: int) -> tuple[CheckResult, ...]:
        """What the checks of these documents after number `since` ended in, the newest of each."""
        with reading(self._engine) as connection:
            return history.results(connection, before, since)

    # --- turns at hosts ---

    def take_turn(self, host: str, guard: float) -> Turn:
        """The host's turn, or how long to wait for it; others get none for `guard` seconds."""
        return write(self._engine, hosts.take, host, guard)

    def end_turn(self, host: str, mark: float, pause: float) -> None:
        """Let others ask the host after the pause, in seconds."""
        write(self._engine, hosts.end, host, mark, pause)

    def hold_host(self, host: str, seconds: float) -> None:
        """Leave a host alone for so long, on every machine."""
        write(self._engine, hosts.hold, host, seconds)

    def promised(self, host: str) -> float:
        """0 where the host may be asked shortly; else in how many seconds to come again."""
        return write(self._engine, hosts.promise, host)


def _defer_due(
    connection: Connection, documents: Mapping[str, Document], now: datetime, per_host: int
) -> tuple[Ticket, ...]:
    due = turns.due(connection, documents, now)
    if not due:
        return ()
    queued, since = jobs.queued(connection), turns.due_since(connection, now)
    taken = queued.keys() | {key_of(one) for one in turns.claimed(connection, now)}
    # Those that were never checked come first, then those that wait for longest.
    waiting = sorted((one for one in due if key_of(one) not in taken), key=lambda one: since.get(one, NEVER))
    room = chosen((documents[one] for one in waiting), queued.values(), per_host=per_host)
    stood = turns.standings(connection, [one.id for one in room])
    wanted = tuple(ticket(documents[one], stood[one], per_host=per_host) for one in stood)
    jobs.put(connection, wanted)
    return wanted


def _ask(connection: Connection, documents: Mapping[str, Document], per_host: int) -> tuple[Ticket, ...]:
    stood = turns.standings(connection, list(documents))
    asked = tuple(ticket(documents[one], stood[one], per_host=per_host, asked=True) for one in stood)
    jobs.put(connection, asked)
    return asked
