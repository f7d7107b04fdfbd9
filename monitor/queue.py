"""Taking tickets from the queues: a worker of Procrastinate's, kept up while its database comes and goes."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import ProcrastinateException

from monitor.orders import Orders
from monitor.store import Store
from monitor.store.jobs import WORKER, claimant
from monitor.tickets import TASK, Queue, Ticket, read_ticket

log = logging.getLogger(__name__)

POLL = 0.5
"""Seconds after which the queue is looked at though nothing was told of: a lock that is free tells nobody."""

SILENCES = 3
"""Heartbeats that a worker may miss before its jobs are taken up by others."""

FIRST_REST, LONGEST_REST = 0.5, 10.0
"""Seconds between two tries to reach a database that is away: at first, and at most."""

CONNECTIONS = 4  # of the engine's own, besides the one that it listens on and those of the store

# A server whose client's machine is gone must not take it for a worker for the two hours of TCP's patience.
SESSION = "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"

Work = Callable[[Ticket, str], Awaitable[None]]
"""What is done with a ticket, and under which name its document is claimed; it never raises."""


@dataclass(frozen=True, kw_only=True)
class Taker:
    """Takes tickets from queues, so many at once, and hands them to whoever works on them."""

    store: Store
    places: Mapping[Queue, int]  # tickets that are worked on at once, by the queue that they are taken from
    heartbeat: float  # seconds
    grace: float  # seconds that work may take to finish at the end
    work: Work

    async def run(self, orders: Orders) -> None:
        """Take tickets until told to stop; a database that is away is waited for."""
        _be_quiet()
        clock = asyncio.get_running_loop().time
        rest = FIRST_REST
        while not orders.stopping.is_set():
            error, began = "", clock()
            try:
                await self._take(orders)
            except (ProcrastinateException, psycopg.Error) as lost:
                error = _first_line(lost)
            if orders.stopping.is_set():
                return
            worked = clock() - began > LONGEST_REST
            # A lost connection is told of by whoever looks after the database; this is something else.
            log.log(logging.DEBUG if worked else logging.WARNING, "the queue stopped", extra={"error": error})
            rest = FIRST_REST if worked else min(2 * rest, LONGEST_REST)
            await self._wait_for_the_database(orders, rest)

    async def _take(self, orders: Orders) -> None:
        """Take tickets until told to stop, or until the database is lost."""
        app = self._app()
        async with app.open_async():
            # A worker each: tickets that wait for a place in the browser leave the places of others alone.
            taking = [asyncio.create_task(self._from(app, queue)) for queue in self.places]
            told = asyncio.create_task(orders.stopping.wait())
            try:
                await asyncio.wait((*taking, told), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (told, *taking):
                    task.cancel()  # who takes lets what it works on finish first
                ended = await asyncio.gather(*taking, return_exceptions=True)
            for error in ended:
                if isinstance(error, Exception):
                    raise error

    async def _from(self, app: App, queue: Queue) -> None:
        await app.run_worker_async(
            queues=[str(queue)],
            concurrency=self.places[queue],
            fetch_job_polling_interval=POLL,
            shutdown_graceful_timeout=self.grace,
            delete_jobs="always",
            install_signal_handlers=False,
            update_heartbeat_interval=self.heartbeat,
            stalled_worker_timeout=SILENCES * self.heartbeat,
        )

    def _app(self) -> App:
        names = "+".join(self.places)
        connector = PsycopgConnector(
            conninfo=self.store.conninfo,
            min_size=1,
            max_size=CONNECTIONS,
            timeout=10,
            kwargs={
                "application_name": f"{WORKER} {names} {os.getpid()}@{socket.gethostname()}"[:63],
                "connect_timeout": 10,
                "options": SESSION,
            },
        )
        app = App(connector=connector)
        app.task(name=TASK, pass_context=True)(self._task)
        return app

    async def _task(self, context: JobContext, /, **arguments: Any) -> None:  # noqa: ANN401 - JSON
        job = context.job
        try:
            ticket = read_ticket(arguments, queue=job.queue, lock=job.lock or "", priority=job.priority)
        except (KeyError, ValueError, TypeError) as error:
            log.error("a job that is no ticket", extra={"job": job.id, "error": str(error)})
            return
        await self.work(ticket, claimant(job.id or 0))

    async def _wait_for_the_database(self, orders: Orders, rest: float) -> None:
        """Return once the database answers, or when told to stop."""
        while not await orders.stop_within(rest):
            if await asyncio.to_thread(self.store.responds):
                return
            rest = min(2 * rest, LONGEST_REST)


def _be_quiet() -> None:
    """Let the engine and its driver tell nothing: what matters of it is told by us, in one line."""
    for name in ("procrastinate", "psycopg"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    asyncio.get_running_loop().set_exception_handler(_unheard)


def _unheard(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A job whose end could not be written for want of a database is taken up again; all else is told."""
    if isinstance(context.get("exception"), ProcrastinateException | psycopg.Error):
        return
    loop.default_exception_handler(context)


def _first_line(error: BaseException) -> str:
    cause = error.__cause__ or error
    return str(cause).partition("\n")[0]
