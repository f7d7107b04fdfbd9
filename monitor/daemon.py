"""The daemon: APScheduler as a clock around `check`, and a clean stop.

The clock ticks; each tick asks the database what is due and starts those checks as tasks of our own,
because APScheduler's shutdown would cancel coroutines that still run.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, AsyncExitStack, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.asking import Asking
from monitor.check import Parts, check, for_the_browser
from monitor.delivery import Carriers
from monitor.errors import MonitorError, StoreError
from monitor.fetch.ping import Switch
from monitor.logs import told
from monitor.model import Document
from monitor.orders import Orders
from monitor.places import Places
from monitor.schedule import rest_after, spread
from monitor.wiring import (
    Monitor,
    bring_forward,
    clock,
    delivery,
    free_claims,
    opinions,
    parts,
    reread,
    switch,
)

log = logging.getLogger(__name__)

TICK = timedelta(seconds=1)
REST = timedelta(minutes=1)
PING = timedelta(minutes=1)
"""How often a dead-man's switch is told that we can see what is due; it is told nothing while we cannot."""
SPREAD = timedelta(minutes=10)
"""Over how long documents that are overdue at the start are spread out."""


@dataclass
class Daemon:
    """The state of a running daemon: its tasks by document, and what it is told."""

    monitor: Monitor
    parts: Parts
    fetchers: AsyncExitStack  # open until the end: a check that began before a reload keeps its own
    orders: Orders
    grace: timedelta
    places: Places
    asking: Asking | None = None  # for second opinions, where an endpoint is named
    switch: Switch | None = None  # of a dead man, where one is named
    looked: bool = False  # at what is due, since the switch was told
    in_trouble: bool = False  # with the database, and that was told
    next_look: float = 0.0  # at what is due, by the clock of `monotonic`
    queue: bool = False  # whether due checks are queued for workers instead of run here
    carriers: Carriers = field(default_factory=Carriers)  # of what channels are told
    running: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def run(self) -> None:
        """Tick until told to stop, then let running checks finish within the grace time."""
        self.go_on()
        scheduler = AsyncIOScheduler(timezone="UTC")
        scheduler.add_job(
            self.tick,
            "interval",
            seconds=TICK.total_seconds(),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        if self.switch:
            first = clock() + 2 * TICK  # there was a look at what is due by then
            scheduler.add_job(
                self.ping,
                "interval",
                seconds=PING.total_seconds(),
                next_run_time=first,
                misfire_grace_time=None,
            )
        scheduler.start()
        log.info("started", extra={"documents": len(self.parts.watchlist.documents)})
        await self.orders.stopping.wait()
        scheduler.shutdown(wait=False)
        await self.drain()

    async def tick(self) -> None:
        """Start a check of every document that is due and not being checked."""
        if self.orders.reload():
            await self.reload()
        try:
            if monotonic() >= self.next_look:
                self.look()
        except StoreError as error:
            # Told once: it is tried again at every tick.
            log.log(
                logging.DEBUG if self.in_trouble else logging.ERROR,
                "cannot see what is due",
                extra={"error": str(error)},
            )
            self.in_trouble = True
            return
        if self.in_trouble:
            log.info("the database is back")
        self.looked, self.in_trouble = True, False
        self.carriers.start(delivery(self.monitor), self.monitor.watchlist.channels.values())

    def look(self) -> None:
        """Look at what is due, and rest from that where there are very many documents."""
        began = monotonic()
        if self.queue:
            self.defer()
        else:
            self.start_due()
        done = monotonic()
        self.next_look = done + rest_after(done - began)

    def start_due(self) -> None:
        """Start a check of every document that is due and not being checked here."""
        documents = self.parts.watchlist.documents
        due = self.parts.store.due(list(documents), clock())
        found = [documents[key] for key in due if key not in self.running]
        shown = for_the_browser(found, self.parts.store) if found else frozenset()
        for one in found:
            self.running[one.id] = asyncio.create_task(self.check_one(one, shown=one.id in shown))

    def defer(self) -> None:
        """Queue a check of every document that is due; workers run them."""
        watchlist = self.parts.watchlist
        for ticket in self.parts.store.defer_due(watchlist.documents, clock(), per_host=watchlist.per_host):
            log.info("queued", extra={"document": ticket.document, "queue": ticket.queue})

    async def ping(self) -> None:
        """Tell the dead-man's switch that we looked at what is due since the last time."""
        if self.switch and self.looked:
            self.looked = False
            await self.switch.ping()

    async def check_one(self, document: Document, *, shown: bool = False) -> None:
        """Check a document when its turn comes; what could not be recorded rests before the next try."""
        try:
            async with self.places.of(document, shown=shown):
                result = await check(document, self.parts)
            if result.change and result.change.change.alert and result.change.change.confirmed:
                log.warning("changed", extra={"document": document.id, "change": result.change.id})
            if self.asking:
                self.asking.soon(result.change)
        except Exception as error:
            # Nothing was recorded, so the document is still due: without a rest it would be fetched at every
            # tick. The other documents are none the worse for it, and the daemon goes on for them.
            log.error(
                "check failed",
                extra={"document": document.id, "error": told(error)},
                exc_info=not isinstance(error, MonitorError),
            )
            await self.orders.stop_within(REST.total_seconds())
        finally:
            del self.running[document.id]

    def go_on(self) -> None:
        """After a restart go on from the database."""
        free_claims(self.parts.store)
        bring_forward(self.parts.store, self.parts.watchlist)
        if not self.queue:  # which spreads work by itself: each host's pages wait for one another
            self.spread_overdue()

    def spread_overdue(self) -> None:
        """See that what was missed meanwhile is not fetched all at once."""
        now = clock()
        watched = self.parts.watchlist.documents
        overdue = {key: at for key, at in self.parts.store.overdue(now).items() if key in watched}
        self.parts.store.reschedule(spread(overdue, now, over=SPREAD))

    async def reload(self) -> None:
        """Read the watchlist anew; a broken one leaves the old one running."""
        if (fresh := reread(self.monitor)) is None:
            return
        self.monitor = fresh
        self.parts = await self.fetchers.enter_async_context(parts(self.monitor))
        self.places = Places(fresh.watchlist.per_host)

    async def drain(self) -> None:
        """Wait for running checks; what is not done in time is cut off, and recorded by no half."""
        log.info("stopping", extra={"running": len(self.running)})
        carrying = asyncio.create_task(self.carriers.finish(self.grace.total_seconds()))
        tasks = list(self.running.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self.grace.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await carrying
        log.info("stopped")


Beside = Callable[[Callable[[], Monitor]], AbstractContextManager[None]]
"""What runs in the daemon's process besides, over the monitor as it is at each moment."""


async def serve(
    monitor: Monitor, orders: Orders, grace: timedelta, *, beside: Beside | None = None, queue: bool = False
) -> None:
    """Run a daemon on these parts until SIGTERM or SIGINT; SIGHUP reloads the watchlist.

    With `queue` it runs no check itself: workers do (see `monitor/worker.py`).
    """
    async with AsyncExitStack() as fetchers:
        daemon = Daemon(
            monitor=monitor,
            parts=await fetchers.enter_async_context(parts(monitor)),
            fetchers=fetchers,
            orders=orders,
            grace=grace,
            places=Places(monitor.watchlist.per_host),
            queue=queue,
            switch=switch(monitor.settings),
            asking=await fetchers.enter_async_context(opinions(monitor)),
        )
        orders.heed()
        with beside(lambda: daemon.monitor) if beside else nullcontext():
            await daemon.run()
