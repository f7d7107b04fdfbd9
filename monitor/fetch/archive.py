"""Asks a web archive: one request after the other, with a pause between them, as slowly as it wishes.

An archive is asked what was seen, so nothing is followed by itself: a redirect may be one of former times.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from monitor.fetch import user_agent
from monitor.fetch.client import Client
from monitor.fetch.clock import SYSTEM_CLOCK, Clock
from monitor.fetch.http import Answer, Http, open_transport
from monitor.fetch.journey import Journey, parse_url
from monitor.fetch.limits import Limits
from monitor.fetch.politeness import Hosts
from monitor.fetch.safety import Addresses, literal
from monitor.fetch.trouble import Trouble
from monitor.model import Capture, FetchFailure, Network, Reason

PATIENT = Limits(
    seconds=1200.0,
    connect_seconds=30.0,
    quiet_seconds=90.0,  # a page that lies on a tape, or in a large index, takes its time
    page_bytes=32_000_000,  # indexes of busy addresses are larger than pages
    longest_wait=300.0,
)

BACK_OFF = (3.0, 10.0, 30.0)
"""How many times the usual pause is waited before each repeat."""

HEADERS = (
    ("Accept", "*/*"),
    # As archives that know it send what they have: no banner, no rewritten links.
    ("Prefer", "original-content, original-links, original-headers"),
)


class ArchiveReader:
    """Gets addresses of a web archive, each in its turn; an async context manager.

    `pause` is kept between two requests to one host. A 429 or 503 is tried again after the time that it
    names, where that is at most five minutes. `homes` are the archive's own addresses, which somebody chose:
    they may be on this machine or in this network; others it names must be public, or be allowed.
    """

    def __init__(  # noqa: PLR0913  keyword-only, one for each thing that is configured
        self,
        *,
        homes: Iterable[str],
        pause: timedelta,
        allow_addresses: tuple[Network, ...],
        proxy: str = "",
        contact: str = "",
        ca_file: Path | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        limits = replace(PATIENT, pauses=tuple(pause.total_seconds() * times for times in BACK_OFF))
        self._limits, self._clock = limits, clock
        addresses = Addresses((*allow_addresses, *(one for home in homes for one in _own(home))))
        self._transport = open_transport(addresses, limits, proxy, ca_file)
        self._client = Client(
            Http(self._transport, limits, (("User-Agent", user_agent(contact)), *HEADERS), clock),
            Hosts(1, pause.total_seconds(), limits.longest_wait, clock),
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

    async def get(self, url: str) -> Capture | FetchFailure:
        """What the archive answers at this address; a redirect is an answer like any other."""
        journey = Journey(url, self._limits, self._clock, robots=False)
        try:
            answer = await self._client.ask(parse_url(url, "the archive"), journey)
        except Trouble as trouble:
            reason = Reason(trouble.code, trouble.detail)
            return FetchFailure(url, self._clock.now(), reason, trouble.retry_after, journey.budget.spent)
        if answer.again:
            return _turned_away(url, answer)
        return Capture(
            url=url,
            final_url=str(answer.url),
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            at=answer.at,
            seconds=journey.budget.spent,
        )


def _turned_away(url: str, answer: Answer) -> FetchFailure:
    """The archive would not or could not answer now, however often it was asked."""
    asked = answer.retry_after
    wish = f" and asks for a pause of {asked.total_seconds():.0f} s" if asked else ""
    reason = Reason("archive-busy", f"{answer.url} answers with status {answer.status}{wish}")
    return FetchFailure(url, answer.at, reason, asked)


def _own(home: str) -> tuple[Network, ...]:
    """The address that an archive's URL is written with, where it is one, as in http://localhost:8080."""
    try:
        address = literal(httpx.URL(home).host)
    except (httpx.InvalidURL, ValueError):
        return ()
    return (ip_network(str(address)),) if address is not None else ()
