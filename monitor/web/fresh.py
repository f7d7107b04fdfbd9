"""The monitor with the watchlist as its file says now, for a server that no daemon reloads it for."""

from __future__ import annotations

import logging
from dataclasses import replace
from threading import Lock

from monitor.errors import MonitorError
from monitor.orders import stamp
from monitor.watchlist import load_watchlist
from monitor.wiring import Monitor, keep_published

log = logging.getLogger(__name__)


class Fresh:
    """Gives the monitor, with the watchlist read anew where its file changed; a broken one is left alone."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._stamp = stamp(self._monitor.settings.watchlist)
        self._lock = Lock()

    def __call__(self) -> Monitor:
        with self._lock:
            before, self._stamp = self._stamp, stamp(self._monitor.settings.watchlist)
            if self._stamp != before:
                self._reload()
            return self._monitor

    def _reload(self) -> None:
        try:
            watchlist = load_watchlist(self._monitor.settings.watchlist)
            keep_published(self._monitor.store, watchlist)
        except MonitorError as error:
            log.error("watchlist not reloaded, the old one stays", extra={"error": str(error)})
            return
        self._monitor = replace(self._monitor, watchlist=watchlist)
        log.info("watchlist reloaded", extra={"documents": len(watchlist.documents)})
