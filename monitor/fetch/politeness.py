"""How often a host is asked: so many requests at a time, with a pause between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Protocol

from monitor.fetch.clock import Clock
from monitor.fetch.trouble import Trouble
from monitor.tickets import Turn

LOOK_AGAIN = 0.25
"""Seconds after which a turn that others have is asked for again: it may end at any time."""


class Shared(Protocol):
    """Turns at hosts that several machines take, kept where all of them reach it."""

    async def take(self, host: str) -> Turn:
        """The host's turn, or how long to wait for it."""

    async def end(self, host: str, mark: float, pause: float) -> None:
        """Let others have the host's turn after the pause, in seconds."""

    async def hold(self, host: str, seconds: float) -> None:
        """Give nobody a turn at the host for so long."""


class _Gate:
    """One host: its places, and when its next request may start."""

    def __init__(self, places: int) -> None:
        self.places = asyncio.Semaphore(places)
        self.next_start = 0.0
        self.held_until = 0.0


class Hosts:
    """Gives out turns, host by host; with `shared` among machines too."""

    def __init__(
        self, per_host: int, delay: float, longest_wait: float, clock: Clock, shared: Shared | None = None
    ) -> None:
        self._per_host = per_host
        self._delay = delay
        self._longest_wait = longest_wait
        self._clock = clock
        self._shared = shared
        self._gates: dict[str, _Gate] = {}

    @asynccontextmanager
    async def turn(self, host: str, crawl_delay: float = 0.0) -> AsyncIterator[None]:
        """Waits for a place at the host and for the pause since its last request, both in seconds.

        Raises Trouble when the host asked to be left alone for longer.
        """
        pause = max(self._delay, crawl_delay)
        gate = self._gate(host)
        async with gate.places:
            now = self._clock.monotonic()
            self._check_hold(host, gate.held_until - now)
            start = max(now, gate.next_start, gate.held_until)
            gate.next_start = start + pause  # taken now, so that two waiting requests do not start together
            if start > now:
                await self._clock.sleep(start - now)
            async with self._among_machines(host, pause):
                try:
                    yield
                finally:
                    gate.next_start = max(gate.next_start, self._clock.monotonic() + pause)

    async def hold(self, host: str, pause: timedelta) -> None:
        """Gives no turn at this host until the pause it wished for is over."""
        gate = self._gate(host)
        gate.held_until = max(gate.held_until, self._clock.monotonic() + pause.total_seconds())
        if self._shared:
            await self._shared.hold(host, pause.total_seconds())

    @asynccontextmanager
    async def _among_machines(self, host: str, pause: float) -> AsyncIterator[None]:
        if self._shared is None:
            yield
            return
        while (turn := await self._shared.take(host)).mark is None:
            if turn.held:
                self._check_hold(host, turn.seconds)
            await self._clock.sleep(min(turn.seconds, LOOK_AGAIN))
        try:
            yield
        finally:
            await self._shared.end(host, turn.mark, pause)

    def _gate(self, host: str) -> _Gate:
        return self._gates.setdefault(host, _Gate(self._per_host))

    def _check_hold(self, host: str, left: float) -> None:
        if left > self._longest_wait:
            raise Trouble(
                "rate-limited",
                f"{host} answered 429 to another request and asked for a pause; {left:.0f} s are left",
                retry_after=timedelta(seconds=left),
            )
