"""The worker: takes tickets from the queue and checks their documents, by the same `check` as everybody.

A ticket's work never fails: what comes of it, a failure too, is written as the document's next check. What
cannot be written because the database is away leaves the document due, and it is queued again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.util import find_spec
from urllib.parse import urlsplit

import monitor.guard
import monitor.judge  # noqa: F401 - with the guard, what judges: loaded before the first page, not in its check
from monitor.asking import Asking
from monitor.check import Parts, check_claimed, claimed_until
from monitor.errors import MonitorError, StoreError, TakenOver
from monitor.logs import told
from monitor.model import CheckResult, Document
from monitor.orders import Orders
from monitor.queue import SILENCES, Taker
from monitor.schedule import SHORTEST_RETRY
from monitor.tickets import Queue, Ticket
from monitor.wiring import Monitor, clock, opinions, parts, reread

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Documents that a worker checks at once, if not told otherwise."""

SHOWN_AT_ONCE = 2
"""Pages that a worker shows in its browser besides, which shows no more; each is a process of some 100 MB."""

LONGEST_REST = 60.0
"""Seconds at most for which a document rests whose check could not be recorded."""


def places(queues: Sequence[Queue], concurrency: int | None) -> dict[Queue, int]:
    """How many tickets of each queue are worked on at once; of all that this machine can where none is named.

    The browser shows few pages at once, and those that waited for it would hold up the others.
    """
    named = queues or ((Queue.CHECKS, Queue.BROWSER) if find_spec("playwright") else (Queue.CHECKS,))
    if set(named) == {Queue.BROWSER}:
        return {Queue.BROWSER: concurrency or SHOWN_AT_ONCE}
    most = concurrency or AT_ONCE
    return {queue: min(most, SHOWN_AT_ONCE) if queue is Queue.BROWSER else most for queue in named}


@dataclass
class Worker:
    """The state of a running worker: what it is told, and the parts of a check as last made."""

    monitor: Monitor
    parts: Parts
    fetchers: AsyncExitStack  # open until the end: a check that began before a reload keeps its own
    orders: Orders
    asking: Asking | None = None  # for second opinions, where an endpoint is named
    failures: int = 0  # checks in a row that could not be recorded

    async def work(self, ticket: Ticket, by: str) -> None:
        """Check the document of a ticket as `by`; who is cut off gives the ticket back."""
        try:
            await self._check(ticket, by)
        except asyncio.CancelledError:
            self._give_back(ticket)
            raise
        except TakenOver as error:
            log.warning("check taken over", extra={"document": ticket.document, "error": str(error)})
        except StoreError as error:
            log.error("check failed", extra={"document": ticket.document, "error": str(error)})
            await self._rest(ticket, by)
        except Exception as error:
            # The worker goes on for the others, and this one is tried again after a while.
            log.error(
                "check failed",
                extra={"document": ticket.document, "error": told(error)},
                exc_info=not isinstance(error, MonitorError),
            )
            self._put_off(ticket, SHORTEST_RETRY)

    async def _check(self, ticket: Ticket, by: str) -> None:
        document = await self._document(ticket)
        if document is None:
            log.warning("not in the watchlist of this worker", extra={"document": ticket.document})
            self._put_off(ticket, SHORTEST_RETRY)
            return
        if not ticket.asked and (wait := self._wait(document)):
            log.info("host is not to be asked yet", extra={"document": document.id, "wait": round(wait, 1)})
            self._put_off(ticket, timedelta(seconds=wait))
            return
        now = clock()
        if not self.parts.store.take(ticket, by=by, now=now, until=claimed_until(document, now)):
            log.debug("no longer wanted", extra={"document": document.id})
            return
        result = await check_claimed(document, replace(self.parts, claimant=by), now)
        self.failures = 0
        self._after(result)

    def _after(self, result: CheckResult) -> None:
        if result.change and result.change.change.alert and result.change.change.confirmed:
            log.warning("changed", extra={"document": result.document, "change": result.change.id})
        if self.asking:
            self.asking.soon(result.change)

    async def _document(self, ticket: Ticket) -> Document | None:
        """The document of a ticket, by the watchlist as its file says now."""
        if self.orders.reload():
            await self._reload()
        return self.parts.watchlist.documents.get(ticket.document)

    async def _reload(self) -> None:
        if (fresh := reread(self.monitor)) is not None:
            await asyncio.to_thread(lambda: fresh.rules)
            self.monitor = fresh
            self.parts = await self.fetchers.enter_async_context(parts(fresh))

    def _wait(self, document: Document) -> float:
        """Seconds until its host may be asked, where that is too long to wait here."""
        return self.parts.store.promised(urlsplit(document.url).hostname or "")

    def _put_off(self, ticket: Ticket, wait: timedelta) -> None:
        try:
            self.parts.store.postpone(ticket, clock() + wait)
        except StoreError as error:
            log.error("not put off", extra={"document": ticket.document, "error": str(error)})

    def _give_back(self, ticket: Ticket) -> None:
        try:
            self.parts.store.give_back(ticket)
        except StoreError as error:
            # It is still due, and queued again by whoever looks at what is due.
            log.error("not given back", extra={"document": ticket.document, "error": str(error)})
            return
        log.info("given back", extra={"document": ticket.document})

    async def _rest(self, ticket: Ticket, by: str) -> None:
        """Keep a document that is still due from being fetched all the time; then it is free again.

        Where the database is still away, its claim ends with its job, whose end cannot be written either.
        """
        self.failures += 1
        await self.orders.stop_within(min(2.0**self.failures / 2, LONGEST_REST))
        with suppress(StoreError):
            self.parts.store.release(ticket.document, by)

    async def reap(self, heartbeat: float) -> None:
        """At every heartbeat see that the database is there, and take up again what silent workers left."""
        away = False
        while not self.orders.stopping.is_set():
            found: tuple[str, ...] = ()
            try:
                found = await asyncio.to_thread(self.parts.store.reap, SILENCES * heartbeat)
            except StoreError as error:
                if not away:
                    log.warning("lost the database, trying to reach it again", extra={"error": str(error)})
                away = True
            else:
                if away:
                    log.info("the database is back")
                away = False
            for document in found:
                log.warning("taken up again, its worker is silent", extra={"document": document})
            await self.orders.stop_within(heartbeat)


async def serve(
    monitor: Monitor,
    orders: Orders,
    *,
    places: Mapping[Queue, int],
    heartbeat: float,
    grace: timedelta,
) -> None:
    """Work on tickets of these queues until SIGTERM or SIGINT; SIGHUP reloads the watchlist."""
    # Loaded now: a worker that loads them in the middle of a check gives no sign of life meanwhile.
    _ = monitor.rules
    async with AsyncExitStack() as fetchers:
        worker = Worker(
            monitor=monitor,
            parts=await fetchers.enter_async_context(parts(monitor)),
            fetchers=fetchers,
            orders=orders,
            asking=await fetchers.enter_async_context(opinions(monitor)),
        )
        orders.heed()
        taker = Taker(
            store=monitor.store,
            places=places,
            heartbeat=heartbeat,
            grace=grace.total_seconds(),
            work=worker.work,
        )
        log.info("started", extra={str(queue): number for queue, number in places.items()})
        reaping = asyncio.create_task(worker.reap(heartbeat))
        await taker.run(orders)
        await reaping
        log.info("stopped")
