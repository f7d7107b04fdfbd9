"""Follows redirects and tries again, as politely as each host wishes."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from monitor.fetch.clock import Clock
from monitor.fetch.http import Answer, Http
from monitor.fetch.journey import Journey
from monitor.fetch.limits import Limits
from monitor.fetch.politeness import Hosts
from monitor.fetch.retry import pause
from monitor.fetch.robots import MOST_BYTES, Robots
from monitor.fetch.safety import Addresses
from monitor.fetch.trouble import Trouble

log = logging.getLogger(__name__)


class Client:
    """Goes where a journey leads. `literals` is given when a proxy connects, and checks what then can be."""

    def __init__(
        self, http: Http, hosts: Hosts, limits: Limits, clock: Clock, literals: Addresses | None
    ) -> None:
        self._http = http
        self._hosts = hosts
        self._limits = limits
        self._clock = clock
        self._literals = literals
        self._robots = Robots(self._read_robots, clock)

    async def go(self, url: httpx.URL, journey: Journey) -> Answer:
        """The answer at the end of all redirects, each of which is checked like the first address."""
        while True:
            self.check(url)
            journey.enter(url)
            crawl_delay = await self._robots.check(url) if journey.robots else 0.0
            answer = await self._patiently(url, journey, min(crawl_delay, self._limits.crawl_delay))
            if not answer.location:
                return answer
            url = journey.follow(url, answer.location)

    async def ask(self, url: httpx.URL, journey: Journey) -> Answer:
        """The answer at this very address, a redirect as it is; robots.txt is not asked."""
        self.check(url)
        return await self._patiently(url, journey, 0.0)

    @asynccontextmanager
    async def turn(self, url: httpx.URL, *, robots: bool) -> AsyncIterator[None]:
        """The host's turn for a page that the browser asks for, after the same checks as for any other."""
        self.check(url)
        crawl_delay = await self._robots.check(url) if robots else 0.0
        async with self._hosts.turn(url.host, min(crawl_delay, self._limits.crawl_delay)):
            yield

    async def heed(self, url: httpx.URL, answer: Answer) -> None:
        """Leaves the host alone for as long as it asks with status 429."""
        asked = answer.retry_after
        if asked is not None and answer.status == 429:
            await self._hosts.hold(url.host, asked)

    def check(self, url: httpx.URL) -> None:
        """Raises Trouble when this is no address to be fetched."""
        if url.scheme not in ("http", "https"):
            raise Trouble("refused-scheme", f"{url} is not fetched; only http and https addresses are")
        if not url.host:
            raise Trouble("bad-url", f"{url} names no host")
        if url.port is not None and not 0 < url.port < 65536:
            raise Trouble("bad-url", f"{url} names a port that does not exist")
        if self._literals is not None:
            self._literals.check_literal(url)

    async def _read_robots(self, url: httpx.URL) -> Answer:
        name = f"{url.host}/robots.txt"
        journey = Journey(name, self._limits, self._clock, robots=False, start_only=MOST_BYTES)
        return await self.go(url, journey)

    async def _patiently(self, url: httpx.URL, journey: Journey, crawl_delay: float) -> Answer:
        """Asks at one address, and again after a pause where that may help."""
        while True:
            result = await self._attempt(url, journey, crawl_delay)
            if isinstance(result, Answer):
                await self.heed(url, result)
            wait = self._wait(result, journey)
            if wait is None:
                break
            why = result.code if isinstance(result, Trouble) else result.status
            facts = {"document": journey.name, "wait": round(wait, 1), "why": why, "url": url}
            log.info("trying again", extra=facts)
            journey.budget.spend(wait)
            await self._clock.sleep(wait)
        if isinstance(result, Trouble):
            raise result
        return result

    async def _attempt(self, url: httpx.URL, journey: Journey, crawl_delay: float) -> Answer | Trouble:
        try:
            async with self._hosts.turn(url.host, crawl_delay), journey.budget.running(str(url)):
                return await self._http.get(
                    url, journey.headers(url), journey.cookies, start_only=journey.start_only
                )
        except Trouble as trouble:
            return trouble

    def _wait(self, result: Answer | Trouble, journey: Journey) -> float | None:
        """Seconds until the next try, or None when this result is the last."""
        asked = result.retry_after
        if not result.again or not journey.pauses:
            return None
        if asked is not None and asked.total_seconds() > self._limits.longest_wait:
            return None
        seconds = pause(journey.pauses[0], asked, self._clock.chance())
        # A try in what little time was left would only put "timeout" in place of the reason that is known.
        if 2 * seconds >= journey.budget.left:
            return None
        del journey.pauses[0]
        return seconds
