"""How many documents are on their way at once: neither a slow host nor the browser holds up other pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from urllib.parse import urlsplit

from monitor.model import Document

AT_ONCE = 32
"""Documents on their way at the same time; politeness to one host is the fetcher's.

A first look at a host takes a document 2 to 3 seconds, nearly all of it waiting: robots.txt, the pause after
it, the page. With 16 places that made 5 a second, a third of what one core can judge.
"""

SHOWN = 4
"""Of these, documents for the browser: as many as it shows at once, and as many that wait or are judged."""


class Places:
    """Gives out places: of one host as many as it is asked for pages at once, and one for the next in turn.

    Without that, the pages of one host that hangs would wait for each other in all the places there are; and
    so would pages for the browser, which shows few at once, were there no fewer places for them.
    """

    def __init__(self, per_host: int) -> None:
        self._of_one_host = per_host + 1
        self._all = asyncio.Semaphore(AT_ONCE)
        self._shown = asyncio.Semaphore(SHOWN)
        self._hosts: dict[tuple[str, bool], asyncio.Semaphore] = {}

    @asynccontextmanager
    async def of(self, document: Document, *, shown: bool = False) -> AsyncIterator[None]:
        """A place for this document, which the browser shows or not, for as long as the block runs."""
        host = urlsplit(document.url).hostname or ""
        own = self._hosts.setdefault((host, shown), asyncio.Semaphore(self._of_one_host))
        async with own, self._shown if shown else nullcontext(), self._all:
            yield
