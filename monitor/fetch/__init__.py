"""Fetching: from a document's URL to a Capture, a NotModified or a FetchFailure.

    robots.txt -> the host's turn -> one request -> bounded body -> redirect? again : Capture

Read client first: it goes this way. journey is the state of one fetch, http sends one request, body reads and
decodes, safety decides which addresses may be connected to, politeness gives out turns, robots reads
robots.txt, retry reads Retry-After, and trouble lists the codes of failures.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from monitor import __version__
from monitor.errors import UsageError
from monitor.fetch.client import Client
from monitor.fetch.clock import SYSTEM_CLOCK, Clock
from monitor.fetch.http import Answer, Http, open_transport
from monitor.fetch.journey import Journey, parse_url
from monitor.fetch.limits import DEFAULT_LIMITS, Limits
from monitor.fetch.politeness import Hosts
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

__all__ = ["Clock", "Fetcher", "Limits", "retry_after"]

# HTML first: some sites answer with generated Markdown when that is accepted as readily.
_ACCEPT = "text/html,application/xhtml+xml,*/*;q=0.8"

log = logging.getLogger(__name__)


class Fetcher:
    """Fetches documents over one set of connections; an async context manager for a whole run.

    How many documents are fetched at once is the caller's choice; `per_host` and `delay` bound each host.
    `proxy` resolves names itself: only addresses written as such can then be refused. `contact` is a URL or
    an e-mail address that a site's owner finds in the user agent. `ca_file` adds certificates that are
    trusted besides the public ones. Raises UsageError when one of these cannot be used.
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
        clock: Clock = SYSTEM_CLOCK,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._agent = user_agent(contact)
        addresses = Addresses(allow_addresses)
        self._transport = transport or open_transport(addresses, limits, proxy, ca_file)
        self._client = Client(
            Http(self._transport, limits, (("User-Agent", self._agent), ("Accept", _ACCEPT)), clock),
            Hosts(per_host, delay.total_seconds(), limits.longest_wait, clock),
            limits,
            clock,
            literals=addresses if proxy else None,
        )

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.__aexit__(kind, error, trace)

    async def fetch(self, document: Document, validators: Validators | None = None) -> Fetched:
        """What the document's address brings now; with validators, it may be that nothing changed.

        Every status that ends a fetch is a Capture, errors too: whether it is the document, the guard says.
        """
        journey = Journey(
            document.id,
            self._limits,
            self._clock,
            headers=(("Accept-Language", accept_language(document.language)),),
            validators=validators,
            robots=document.robots,
        )
        if not document.robots:
            log.info("robots.txt is not asked, the watchlist says so", extra={"document": document.id})
        try:
            _check_render(document)
            answer = await self._client.go(parse_url(document.url, document.id), journey)
            return self._fetched(document, answer, journey)
        except Trouble as trouble:
            return self._failure(document, trouble, journey)

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


def _check_render(document: Document) -> None:
    if document.render is Render.BROWSER:
        raise Trouble(
            "needs-browser",
            f'{document.id} says render = "browser", which this version cannot do yet;'
            ' write render = "http" in the watchlist if the page can be read without a browser',
        )


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
