"""What time it is, how to wait, and how much time a fetch has left."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from monitor.fetch.trouble import Trouble


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clock:
    """The one place that time and chance come from, so that a test can give its own."""

    now: Callable[[], datetime] = _utc_now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random  # from 0 up to 1


SYSTEM_CLOCK = Clock()


class Budget:
    """The seconds that one fetch may still take; waiting for the host's turn is not counted."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._clock = clock
        self.total = seconds
        self.left = seconds

    @property
    def spent(self) -> float:
        return self.total - self.left

    def spend(self, seconds: float) -> None:
        self.left = max(0.0, self.left - seconds)

    @asynccontextmanager
    async def running(self, url: str) -> AsyncIterator[None]:
        """Counts the time inside; raises Trouble when it is used up, however slowly bytes still drip."""
        started = self._clock.monotonic()
        try:
            async with asyncio.timeout(self.left):
                yield
        except TimeoutError as error:
            raise Trouble(
                "timeout",
                f"{url} was not complete within {self.total:g} s; it is tried again at the next check",
            ) from error
        finally:
            self.spend(self._clock.monotonic() - started)
