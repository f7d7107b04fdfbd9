"""What robots.txt allows (RFC 9309), read once per site and day."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx
from protego import Protego

from monitor.fetch.clock import Clock
from monitor.fetch.http import Answer
from monitor.fetch.trouble import Trouble

PRODUCT = "tos-monitor"  # the name that a robots.txt addresses us by
MOST_BYTES = 500 * 1024  # RFC 9309, 2.5

_KEPT_SECONDS = 24 * 3600  # RFC 9309, 2.4
_FAILURE_KEPT_SECONDS = 600  # one dead site costs one attempt a run, and is asked again by the next one
# With these the page itself could not be fetched either, so there is nothing to add to the message.
_SITE_TROUBLE = frozenset({"dns", "connect", "tls", "proxy", "refused-address", "bad-url", "rate-limited"})
_AGENT_WORDS = ("user-agent", "useragent", "user agent")  # as protego reads them
_OVERRIDE = "robots = false at the document in the watchlist fetches it all the same"


_Site = tuple[str, str, int | None]
"""Scheme, host and port: what a robots.txt speaks for."""


@dataclass(frozen=True)
class Rules:
    """The rules of one site that concern us."""

    parsed: Protego = field(default_factory=lambda: Protego.parse(""))

    def allow(self, url: httpx.URL) -> bool:
        return bool(self.parsed.can_fetch(str(url), PRODUCT))

    @property
    def crawl_delay(self) -> float:
        """The pause between requests that the site wishes for, in seconds."""
        rate = self.parsed.request_rate(PRODUCT)
        from_rate = rate.seconds / rate.requests if rate and rate.requests else 0.0
        return max(self.parsed.crawl_delay(PRODUCT) or 0.0, from_rate)


def parse_rules(body: bytes) -> Rules:
    """The rules in a robots.txt; a page of HTML has none."""
    # protego does not see the first group behind a byte order mark.
    text = body[:MOST_BYTES].decode("utf-8-sig", errors="replace")
    if text.lstrip()[:1] == "<":
        return Rules()
    return Rules(Protego.parse("\n".join(map(_fold_foreign_agent, text.splitlines()))))


def _fold_foreign_agent(line: str) -> str:
    """Gives every group that cannot be ours one name.

    protego's work grows with agents times rules: half a megabyte of names above half of rules would take
    minutes and all memory.
    """
    stripped = line.split("#", 1)[0].strip().lower()
    word = next((word for word in _AGENT_WORDS if stripped.startswith(word)), None)
    if word is None:
        return line
    name = stripped[len(word) :].strip(" \t:")
    if not name:
        return line
    bare = name.replace("*", "")
    return f"User-agent: {bare or '*'}" if bare in PRODUCT else "User-agent: other"


class Robots:
    """Answers whether a page may be fetched, and how slowly; remembers each site's answer."""

    def __init__(self, read: Callable[[httpx.URL], Awaitable[Answer]], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._kept: dict[_Site, tuple[float, Rules | Trouble]] = {}
        self._locks: dict[_Site, asyncio.Lock] = {}

    async def check(self, url: httpx.URL) -> float:
        """The site's crawl delay in seconds; raises Trouble when it does not want this page fetched."""
        rules = await self._rules(url)
        if isinstance(rules, Trouble):
            raise Trouble(rules.code, rules.detail, retry_after=rules.retry_after)
        if not rules.allow(url):
            raise Trouble(
                "robots", f"{url.copy_with(raw_path=b'/robots.txt')} does not allow {url}; {_OVERRIDE}"
            )
        return rules.crawl_delay

    async def _rules(self, url: httpx.URL) -> Rules | Trouble:
        site = (url.scheme, url.host, url.port)
        if (kept := self._kept.get(site)) and kept[0] > self._clock.monotonic():
            return kept[1]
        async with self._locks.setdefault(site, asyncio.Lock()):
            if (kept := self._kept.get(site)) and kept[0] > self._clock.monotonic():
                return kept[1]
            rules = await self._fetch(url.copy_with(raw_path=b"/robots.txt", fragment=None))
            seconds = _FAILURE_KEPT_SECONDS if isinstance(rules, Trouble) else _KEPT_SECONDS
            self._kept[site] = (self._clock.monotonic() + seconds, rules)
            return rules

    async def _fetch(self, site: httpx.URL) -> Rules | Trouble:
        try:
            answer = await self._read(site)
        except Trouble as trouble:
            if trouble.code in ("redirect-loop", "too-many-redirects"):
                return Rules()  # RFC 9309, 2.3.1.2
            if trouble.code in _SITE_TROUBLE:
                return trouble
            detail = f"{trouble.detail} (robots.txt is read before the page; {_OVERRIDE})"
            return Trouble(trouble.code, detail, retry_after=trouble.retry_after)
        return _judge(site, answer)


def _judge(site: httpx.URL, answer: Answer) -> Rules | Trouble:
    """RFC 9309, 2.3.1: no such file means that all is allowed, a server error that nothing is."""
    if answer.status >= 500 or answer.status == 429:
        return Trouble(
            "robots-unreachable",
            f"{site} answers with status {answer.status}, which means that nothing may be fetched until it"
            f" is back; {_OVERRIDE}",
            retry_after=answer.retry_after,
        )
    if not 200 <= answer.status < 300 or "html" in answer.header("content-type"):
        return Rules()
    return parse_rules(answer.body)
