"""The daemon: APScheduler as a clock around `check`, and a clean stop.

The clock ticks; each tick asks the database what is due and starts those checks as tasks of our own,
because APScheduler's shutdown would cancel coroutines that still run.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager, AsyncExitStack, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.asking import Asking
from monitor.check import Parts, check
from monitor.delivery import Carriers
from monitor.errors import MonitorError, StoreError
from monitor.fetch.ping import Switch
from monitor.model import Document
from monitor.places import Places
from monitor.schedule import spread
from monitor.watchlist import load_watchlist
from monitor.wiring import (
    Monitor,
    bring_forward,
    clock,
    delivery,
    free_claims,
    keep_published,
    opinions,
    parts,
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
    """The state of a running daemon: its tasks by document, and the watchlist as last read."""

    monitor: Monitor
    parts: Parts
    fetchers: AsyncExitStack  # open until the end: a check that began before a reload keeps its own
    stamp: float  # modification time of the watchlist as last read
    grace: timedelta
    places: Places
    asking: Asking | None = None  # for second opinions, where an endpoint is named
    switch: Switch | None = None  # of a dead man, where one is named
    looked: bool = False  # at what is due, since the switch was told
    carriers: Carriers = field(default_factory=Carriers)  # of what channels are told
    wanted: bool = False  # a reload was asked for
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    running: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def run(self) -> None:
        """Tick until told to stop, then let running checks finish within the grace time."""
        self.spread_overdue()
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
        await self.stopping.wait()
        scheduler.shutdown(wait=False)
        await self.drain()

    async def tick(self) -> None:
        """Start a check of every document that is due and not being checked."""
        if self.wanted or _stamp(self.monitor.settings.watchlist) != self.stamp:
            await self.reload()
        documents = self.parts.watchlist.documents
        try:
            due = self.parts.store.due(list(documents), clock())
        except StoreError as error:
            log.error("cannot see what is due", extra={"error": str(error)})
            return
        self.looked = True
        for key in due:
            if key not in self.running:
                self.running[key] = asyncio.create_task(self.check_one(documents[key]))
        self.carriers.start(delivery(self.monitor), self.monitor.watchlist.channels.values())

    async def ping(self) -> None:
        """Tell the dead-man's switch that we looked at what is due since the last time."""
        if self.switch and self.looked:
            self.looked = False
            await self.switch.ping()

    async def check_one(self, document: Document) -> None:
        """Check a document when its turn comes; what could not be recorded rests before the next try."""
        try:
            async with self.places.of(document):
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
                extra={"document": document.id, "error": _told(error)},
                exc_info=not isinstance(error, MonitorError),
            )
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), REST.total_seconds())
        finally:
            del self.running[document.id]

    def spread_overdue(self) -> None:
        """After a restart go on from the database; what was missed meanwhile is not fetched all at once."""
        free_claims(self.parts.store)
        bring_forward(self.parts.store, self.parts.watchlist)
        now = clock()
        known = {one.document: one for one in self.parts.store.health(list(self.parts.watchlist.documents))}
        overdue = {
            key: one.next_check for key, one in known.items() if one.next_check and one.next_check < now
        }
        for document, at in spread(overdue, now, over=SPREAD).items():
            self.parts.store.set_next_check(document, at)

    def ask_to_reload(self) -> None:
        """Reload at the next tick, also when the file looks as it did."""
        self.wanted = True

    async def reload(self) -> None:
        """Read the watchlist anew; a broken one leaves the old one running."""
        path = self.monitor.settings.watchlist
        self.stamp, self.wanted = _stamp(path), False
        try:
            watchlist = load_watchlist(path)
            bring_forward(self.parts.store, watchlist)
            keep_published(self.parts.store, watchlist)
        except MonitorError as error:
            log.error("watchlist not reloaded, the old one stays", extra={"error": str(error)})
            return
        self.monitor = replace(self.monitor, watchlist=watchlist)
        self.parts = await self.fetchers.enter_async_context(parts(self.monitor))
        self.places = Places(watchlist.per_host)
        log.info("watchlist reloaded", extra={"documents": len(watchlist.documents)})

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


async def serve(monitor: Monitor, grace: timedelta, *, beside: Beside | None = None) -> None:
    """Run a daemon on these parts until SIGTERM or SIGINT; SIGHUP reloads the watchlist."""
    async with AsyncExitStack() as fetchers:
        daemon = Daemon(
            monitor=monitor,
            parts=await fetchers.enter_async_context(parts(monitor)),
            fetchers=fetchers,
            stamp=_stamp(monitor.settings.watchlist),
            grace=grace,
            places=Places(monitor.watchlist.per_host),
            switch=switch(monitor.settings),
            asking=await fetchers.enter_async_context(opinions(monitor)),
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, daemon.stopping.set)
        loop.add_signal_handler(signal.SIGHUP, daemon.ask_to_reload)
        with beside(lambda: daemon.monitor) if beside else nullcontext():
            await daemon.run()


def _told(error: Exception) -> str:
    """What is said of an error; one that was not made for people may quote a page."""
    return str(error) if isinstance(error, MonitorError) else type(error).__name__


def _stamp(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
