"""What a process that works until it is told to stop is told meanwhile: by signals, and by its watchlist."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Orders:
    """To stop, or to read the watchlist anew; made before it is read, so that no change of it is missed."""

    watchlist: Path
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _asked: bool = False  # for a reload
    _stamp: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        self._stamp = stamp(self.watchlist)

    def heed(self) -> None:
        """From now on SIGTERM and SIGINT say to stop, and SIGHUP to read the watchlist anew."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stopping.set)
        loop.add_signal_handler(signal.SIGHUP, self._ask_to_reload)

    def _ask_to_reload(self) -> None:
        self._asked = True

    def reload(self) -> bool:
        """Whether to read the watchlist anew: said once after each signal, and each change of its file."""
        before, self._stamp = self._stamp, stamp(self.watchlist)
        asked, self._asked = self._asked, False
        return asked or self._stamp != before

    async def stop_within(self, seconds: float) -> bool:
        """Whether it is said to stop within so long; returns at once when it is."""
        with suppress(TimeoutError):
            return await asyncio.wait_for(self.stopping.wait(), seconds)
        return False


def stamp(file: Path) -> tuple[int, int]:
    """What tells two states of a file apart; the same while it is not there."""
    try:
        found = file.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)
