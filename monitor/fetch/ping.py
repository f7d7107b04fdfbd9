"""Tells a dead-man's switch that a round was made: silence from us is what it raises the alarm about.

The address is the user's own choice, so any is allowed. It mostly holds a key, so it is never told: a failure
names its host alone, once until a ping succeeds again.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from monitor import __version__
from monitor.fetch.robots import PRODUCT

log = logging.getLogger(__name__)

SECONDS = 10.0
"""How long the switch may take to answer; a round is never held up for longer."""

LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))


@dataclass(kw_only=True)
class Switch:
    """A dead-man's switch, and whether the last ping reached it."""

    url: str = field(repr=False)
    proxy: str = field(default="", repr=False)
    ca_file: Path | None = None
    seconds: float = SECONDS
    reached: bool = True

    async def ping(self) -> None:
        """Say that we are alive; raises nothing, for a round counts whether or not anyone heard of it."""
        trouble = await self._trouble()
        if trouble and self.reached:
            log.warning("ping failed", extra={"host": httpx.URL(self.url).host, "error": trouble})
        if not trouble and not self.reached:
            log.info("ping succeeds again", extra={"host": httpx.URL(self.url).host})
        self.reached = not trouble

    async def _trouble(self) -> str:
        """Why a ping did not arrive; empty when it did."""
        try:
            async with (
                asyncio.timeout(self.seconds),
                self._client() as client,
                client.stream("GET", self.url) as response,
            ):
                status = response.status_code
        except (TimeoutError, httpx.TimeoutException):
            return f"no answer within {self.seconds:g} s"
        except (httpx.HTTPError, httpx.InvalidURL, ImportError, OSError, ValueError) as error:
            # An error's own words may repeat the address.
            return type(error).__name__
        return "" if httpx.codes.is_success(status) else f"answered with status {status}"

    def _client(self) -> httpx.AsyncClient:
        proxy = None if httpx.URL(self.url).host in LOOPBACK or not self.proxy else self.proxy
        return httpx.AsyncClient(
            headers={"User-Agent": f"{PRODUCT}/{__version__}"},
            timeout=self.seconds,
            trust_env=False,
            proxy=proxy,
            verify=self._verify(plain=self.url.startswith("http:") and proxy is None),
        )

    def _verify(self, *, plain: bool) -> ssl.SSLContext | bool:
        """The certificates to trust; loading them takes 20 ms, which plain HTTP can do without."""
        if plain:
            return False
        context = httpx.create_ssl_context(trust_env=False)
        if self.ca_file:
            context.load_verify_locations(cafile=self.ca_file)
        return context
