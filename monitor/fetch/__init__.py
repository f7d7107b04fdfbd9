"""Fetching: from a document's URL to a Capture, a NotModified or a FetchFailure.

    robots.txt -> the host's turn -> one request -> bounded body -> redirect? again : Capture

With render = "browser" the browser asks instead, behind the same checks, turns and addresses.

Read client first: it goes this way. journey is the state of one fetch, http sends one request, body reads and
decodes, safety decides which addresses may be connected to, politeness gives out turns, robots reads
robots.txt, retry reads Retry-After, trouble lists the codes of failures, browser and its siblings render.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import httpx

from monitor import __version__
from monitor.errors import UsageError
from monitor.fetch.client import Client
from monitor.fetch.clock import SYSTEM_CLOCK, Clock
from monitor.fetch.http import Answer, Http, open_transport
from monitor.fetch.journey import Journey, parse_url
from monitor.fetch.limits import DEFAULT_LIMITS, Limits, limits_within
from monitor.fetch.politeness import Hosts, Shared
from monitor.fetch.retry import retry_after
from monitor.fetch.robots import PRODUCT
from monitor.fetch.safety import Addresses
from monitor.fetch.trouble import Trouble
from monitor.model import (
    Capture,
    Document,
    Fetched,
    FetchFailure,
    Network,
    NotModified,
    Reason,
    Render,
    Validators,
)

if TYPE_CHECKING:
    from monitor.fetch.browser import Browser

__all__ = ["Clock", "Fetcher", "Limits", "limits_within", "retry_after"]

# HTML first: some sites answer with generated Markdown when that is accepted as readily.
_ACCEPT = "text/html,application/xhtml+xml,*/*;q=0.8"

log = logging.getLogger(__name__)


class Fetcher:
    """Fetches documents over one set of connections; an async context manager for a whole run.

    How many documents are fetched at once is the caller's choice; `per_host` and `delay` bound each host.
    `proxy` resolves names itself: only addresses written as such can then be refused. `contact` is a URL or
    an e-mail address that a site's owner finds in the user agent. `ca_file` adds certificates that are
    trusted besides the public ones. `browser` is the Chromium to use; without it, the system's is
    looked for. `shared` has the turns that other machines take too. Raises UsageError when one of these
    cannot be used.
    """

    def __init__(  # noqa: PLR0913 - keyword-only, one for each thing that is configured
        self,
        *,
        per_host: int,
        delay: timedelta,
        allow_addresses: tuple[Network, ...],
        proxy: str = "",
        limits: Limits = DEFAULT_LIMITS,
        contact: str = "",
        ca_file: Path | None = None,
        browser: Path | None = None,
        clock: Clock = SYSTEM_CLOCK,
        transport: httpx.AsyncBaseTransport | None = None,
        shared: Shared | None = None,
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._agent = user_agent(contact)
        addresses = Addresses(allow_addresses)
        self._transport = transport or open_transport(addresses, limits, proxy, ca_file)
        self._client = Client(
            Http(self._transport, limits, (("User-Agent", self._agent), ("Accept", _ACCEPT)), clock, proxy),
            Hosts(per_host, delay.total_seconds(), limits.longest_wait, clock, shared),
            limits,
            clock,
            literals=addresses if proxy else None,
        )
        self._open_browser = partial(
            open_browser,
            client=self._client,
            addresses=addresses,
            limits=limits,
            clock=clock,
            agent=self._agent,
            proxy=proxy,
            executable=browser,
            ca_file=ca_file,
        )
        self._browser: Browser | None = None

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._browser:
            await self._browser.close()
        await self._transport.__aexit__(kind, error, trace)

    async def fetch(self, document: Document, validators: Validators | None = None) -> Fetched:
        """What the document's address brings now; with validators, it may be that nothing changed.

        Every status that ends a fetch is a Capture, errors too: whether it is the document, the guard says.
        """
        journey = self._journey(document, validators)
        if not document.robots:
            log.info("robots.txt is not asked, the watchlist says so", extra={"document": document.id})
        try:
            url = parse_url(document.url, document.id)
            if document.render is Render.BROWSER:
                if (shown := await self._rendered(document, url, journey)) is not None:
                    return shown
                journey = self._journey(document, None)
            return self._fetched(document, await self._client.go(url, journey), journey)
        except Trouble as trouble:
            return self._failure(document, trouble, journey)

    def _journey(self, document: Document, validators: Validators | None) -> Journey:
        return Journey(
            document.id,
            self._limits,
            self._clock,
            headers=(("Accept-Language", accept_language(document.language)),),
            validators=validators,
            robots=document.robots,
        )

    async def _rendered(self, document: Document, url: httpx.URL, journey: Journey) -> Capture | None:
        """What the browser shows, or None where the address brings a file that is better read as such."""
        self._client.check(url)
        self._browser = self._browser or self._open_browser()
        shown = await self._browser.capture(replace(document, url=str(url)), journey)
        if shown is None:
            log.debug("not a page, fetched as a file", extra={"document": document.id})
            return None
        return replace(shown, url=document.url, seconds=journey.budget.spent)

    def _fetched(self, document: Document, answer: Answer, journey: Journey) -> Capture | NotModified:
        seconds = journey.budget.spent
        facts = {"document": document.id, "status": answer.status, "bytes": len(answer.body)}
        log.debug(
            "fetched", extra=facts | {"redirects": len(journey.redirects), "seconds": round(seconds, 2)}
        )
        if answer.status == 304 and not journey.conditions(answer.url):
            raise Trouble(
                "unasked-304",
                f"{answer.url} says that nothing changed although it was not asked that; is a cache broken?",
            )
        if answer.status == 304:
            return NotModified(document.url, answer.at, seconds)
        return Capture(
            url=document.url,
            final_url=str(answer.url),
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            at=answer.at,
            redirects=tuple(journey.redirects),
            seconds=seconds,
        )

    def _failure(self, document: Document, trouble: Trouble, journey: Journey) -> FetchFailure:
        log.debug("not fetched", extra={"document": document.id, "why": trouble.code})
        return FetchFailure(
            url=document.url,
            at=self._clock.now(),
            reason=Reason(trouble.code, trouble.detail),
            retry_after=trouble.retry_after,
            seconds=journey.budget.spent,
        )


def open_browser(**shared: Any) -> Browser:  # noqa: ANN401  what Browser takes
    """The browser of a run, which is not loaded before a page is to be shown in it."""
    from monitor.fetch.browser import Browser  # noqa: PLC0415  most rounds show no page in it

    return Browser(**shared)


def user_agent(contact: str) -> str:
    """How requests name this program; raises UsageError for a contact that cannot stand in a header."""
    if not contact.isascii() or not contact.isprintable():
        raise UsageError(f"the contact {contact!r} cannot be sent; write a URL or an e-mail address in ASCII")
    return f"{PRODUCT}/{__version__} (+{contact})" if contact else f"{PRODUCT}/{__version__}"


def accept_language(language: str) -> str:
    """The language of a document as a fixed request: "zh-CN" asks for that, then for any "zh".

    English is asked for where none is declared: sites that guess a language guess another for each visitor.
    """
    language = language or "en"
    main = language.split("-", maxsplit=1)[0]
    return language if main == language else f"{language},{main};q=0.9"
