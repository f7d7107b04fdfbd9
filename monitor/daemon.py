"""The daemon: APScheduler as a clock around `check`, and a clean stop.

The clock ticks; each tick asks the database what is due and starts those checks as tasks of our own,
because APScheduler's shutdown would cancel coroutines that still run.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.check import Parts, check
from monitor.errors import MonitorError
from monitor.model import Document, Watchlist
from monitor.schedule import spread
from monitor.watchlist import load_watchlist
from monitor.wiring import Monitor, clock, free_claims, parts

log = logging.getLogger(__name__)

TICK = timedelta(seconds=1)
SPREAD = timedelta(minutes=10)
"""Over how long documents that are overdue at the start are spread out."""


@dataclass
class Daemon:
    """The state of a running daemon: its tasks by document, and the watchlist as last read."""

    monitor: Monitor
    parts: Parts
    stamp: float  # modification time of the watchlist as last read
    grace: timedelta
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
        scheduler.start()
        log.info("started", extra={"documents": len(self.parts.watchlist.documents)})
        await self.stopping.wait()
        scheduler.shutdown(wait=False)
        await self.drain()

    async def tick(self) -> None:
        """Start a check of every document that is due and not being checked."""
        self.reload_if_changed()
        documents = self.parts.watchlist.documents
        for key in self.parts.store.due(list(documents), clock()):
            if key not in self.running:
                self.running[key] = asyncio.create_task(self.check_one(documents[key]))

    async def check_one(self, document: Document) -> None:
        try:
            result = await check(document, self.parts)
            if result.change and result.change.change.alert:
                log.warning("changed", extra={"document": document.id, "change": result.change.id})
        except MonitorError as error:
            # The database refused this check; the document stays due and the next tick tries again.
            log.error("check failed", extra={"document": document.id, "error": str(error)})
        finally:
            del self.running[document.id]

    def spread_overdue(self) -> None:
        """After a restart go on from the database; what was missed meanwhile is not fetched all at once."""
        free_claims(self.parts.store)
        now = clock()
        known = {one.document: one for one in self.parts.store.health(list(self.parts.watchlist.documents))}
        overdue = {
            key: one.next_check for key, one in known.items() if one.next_check and one.next_check < now
        }
        for document, at in spread(overdue, now, over=SPREAD).items():
            self.parts.store.set_next_check(document, at)

    def reload_if_changed(self) -> None:
        if _stamp(self.monitor.settings.watchlist) != self.stamp:
            self.reload()

    def reload(self) -> None:
        """Read the watchlist anew; a broken one leaves the old one running."""
        path = self.monitor.settings.watchlist
        self.stamp = _stamp(path)
        try:
            watchlist = load_watchlist(path)
        except MonitorError as error:
            log.error("watchlist not reloaded, the old one stays", extra={"error": str(error)})
            return
        self.take(watchlist)
        log.info("watchlist reloaded", extra={"documents": len(watchlist.documents)})

    def take(self, watchlist: Watchlist) -> None:
        """Work with another watchlist from the next tick on."""
        self.parts = replace(self.parts, watchlist=watchlist)

    async def drain(self) -> None:
        """Wait for running checks; what is not done in time is cut off, and recorded by no half."""
        log.info("stopping", extra={"running": len(self.running)})
        tasks = list(self.running.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self.grace.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        log.info("stopped")


async def serve(monitor: Monitor, grace: timedelta) -> None:
    """Run a daemon on these parts until SIGTERM or SIGINT; SIGHUP reloads the watchlist."""
    stamp = _stamp(monitor.settings.watchlist)
    async with parts(monitor) as work:
        daemon = Daemon(monitor=monitor, parts=work, stamp=stamp, grace=grace)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, daemon.stopping.set)
        loop.add_signal_handler(signal.SIGHUP, daemon.reload)
        await daemon.run()


def _stamp(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
