"""Turns at hosts among all machines that share a database: what politeness asks, over the store."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from monitor.errors import StoreError
from monitor.store import Store
from monitor.tickets import Turn

log = logging.getLogger(__name__)

GUARD = 20.0
"""Seconds that a request may take before others ask its host too; who is killed bars it for no longer."""

PATIENCE = 30
"""Seconds for which a database that is away is waited for before a fetch is given up."""


@dataclass(frozen=True)
class SharedHosts:
    """Turns taken in the database. One that cannot be ended runs out by itself."""

    store: Store

    async def take(self, host: str) -> Turn:
        """The host's turn, or how long to wait for it; StoreError when the database stays away."""
        for _ in range(PATIENCE):
            try:
                return await asyncio.to_thread(self.store.take_turn, host, GUARD)
            except StoreError:
                await asyncio.sleep(1)
        return await asyncio.to_thread(self.store.take_turn, host, GUARD)

    async def end(self, host: str, mark: float, pause: float) -> None:
        """Let others have the turn after the pause, in seconds."""
        await self._tell(lambda: self.store.end_turn(host, mark, pause), host)

    async def hold(self, host: str, seconds: float) -> None:
        """Give nobody a turn at the host for so long."""
        await self._tell(lambda: self.store.hold_host(host, seconds), host)

    async def _tell(self, verb: Callable[[], None], host: str) -> None:
        try:
            await asyncio.to_thread(verb)
        except StoreError as error:
            log.debug("a turn runs out by itself", extra={"host": host, "error": str(error)})
